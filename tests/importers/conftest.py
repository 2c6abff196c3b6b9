from hypothesis import settings

# The machine may be busy, and tests leave no files behind.
settings.register_profile("flaskr", deadline=None, database=None, derandomize=True)
settings.load_profile("flaskr")
