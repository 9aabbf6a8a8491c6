INSERT INTO user (username, password) VALUES ('test', ''), ('other', '');

INSERT INTO post (title, body, author_id, created)
VALUES ('test title', 'test' || char(10) || 'body', 1, '2018-01-01 00:00:00');
