export default defineConfig({
  site: "https://walks.example",
  base: "/",
});
