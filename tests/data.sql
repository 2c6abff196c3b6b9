-- As the tests of Flask's tutorial fill their database: by plain SQL, in the tutorial's columns.

INSERT INTO "user" (username, password)
VALUES
  ('test', 'pbkdf2:sha256:1000$Pjhm0uk0$e22ff13d9bf3f812dc0f2ba0d90ec9e51cad25112d11841886eb590e3350025b'),
  ('other', 'pbkdf2:sha256:1000$cmE5flJW$4648ef8d253bd63472eff8651d0eca555338f20cee8c3f68ee286c1125fc9f5c');

INSERT INTO post (title, body, author_id, created)
VALUES ('test title', 'test
body', 1, '2018-01-01 00:00:00');
