# A thin front: `make book` and `make test` are all a reader needs. The work is done by
# helpers/build/install.py (environment) and dodo.py (build graph).
PYTHON ?= python3
SCALE ?= book
# HEADLINES_PYTHON=/path/to/python uses an environment that exists; nothing is installed there.
RUN = "$(or $(HEADLINES_PYTHON),.venv/bin/python)"
BOOK = $(PYTHON) -m helpers.build.install && $(RUN)
DEV = $(PYTHON) -m helpers.build.install --dev && $(RUN)
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --custom-compile-command "make lock" --upgrade

.PHONY: book test chapter lab refresh record bands bench lock clean

book:      ## build the book: _build/html
	@$(BOOK) dodo.py book --scale $(SCALE)

test:      ## set up, build at quick scale, run test layers 1 to 5
	@$(DEV) dodo.py test

chapter:   ## run one chapter: make chapter NAME=01_trading_vs_investing
	@$(BOOK) dodo.py chapter $(NAME) --scale $(SCALE)

lab:       ## open a chapter in JupyterLab: make lab [NAME=…]
	@$(BOOK) dodo.py lab $(NAME)

refresh:   ## store quick outputs in the notebooks: make refresh [NAME=…]
	@$(BOOK) dodo.py refresh $(NAME)

record:    ## maintainers: store the finished book's results in book/record.json
	@$(BOOK) dodo.py record

bands:     ## maintainers: derive where claims are expected: make bands SCALE=quick [NAME=…]
	@$(BOOK) dodo.py bands $(NAME) --scale $(SCALE)

bench:     ## race our own code against other packages; not a test
	@$(DEV) -m benchmarks

lock:      ## maintainers: new versions into the locks (needs uv)
	$(COMPILE) --extra cluster pyproject.toml -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --no-deps requirements-data.in -o requirements-data.txt

clean:     ## remove what was built; the environment stays
	rm -rf _build
