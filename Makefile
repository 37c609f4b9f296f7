# A thin front: `make book` and `make test` are all a reader needs. The work is done by
# helpers/build/install.py (environment) and dodo.py (build graph).
PYTHON ?= python3
SCALE ?= book
RUN = $(PYTHON) -m helpers.build.install && .venv/bin/python dodo.py

.PHONY: book test chapter refresh bench lock clean

book:      ## build the book: _build/html
	@$(RUN) book --scale $(SCALE)

test:      ## set up, build at quick scale, run test layers 1 to 5
	@$(RUN) test

chapter:   ## run one chapter: make chapter NAME=01_trading_vs_investing
	@$(RUN) chapter $(NAME) --scale $(SCALE)

refresh:   ## store quick outputs in the notebooks: make refresh [NAME=…]
	@$(RUN) refresh $(NAME)

bench:     ## race our own code against other packages; not a test
	@$(PYTHON) -m helpers.build.install && .venv/bin/python -m benchmarks

lock:      ## maintainers: new versions into the locks (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
	  --custom-compile-command "make lock" --upgrade pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --no-deps --generate-hashes \
	  --custom-compile-command "make lock" --upgrade requirements-data.in -o requirements-data.txt

clean:     ## remove what was built; the environment stays
	rm -rf _build
