SITEURL = "https://walks.example"
