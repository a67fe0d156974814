.PHONY: db
db:
	@.venv/bin/python -m devtools.database start
