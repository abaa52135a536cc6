-- The version of the schema is the number of its migrations, not part of the table's name.
ALTER TABLE zkml_requests_2 RENAME TO zkml_requests;
