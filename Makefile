# Two words to remember: `make demo` shows the whole journey, `make test` proves it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
FAX    := $(BIN)/fax-gateway
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
# What verifies SPF and DKIM is published as source alone: it is built here, by the locked setuptools, and nothing else is.
BUILT  := --no-binary dkimpy,pyspf --no-build-isolation --use-pep517
LOCK   := $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: demo test check simulate kill power crashpoints nodes bench fuzz mutants format lock clean

demo: $(VENV)/.run            ## mail in, fax out, confirmation back, on the built-in simulator
	$(FAX) demo

test: $(VENV)/.dev            ## all tests, fast ones first
	$(BIN)/python -m pytest -n auto -m "not process"
	$(BIN)/python -m pytest -n auto --dist worksteal -m process

check: $(VENV)/.dev           ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

simulate: $(VENV)/.dev        ## 5,000 crashing worlds; `make test` runs 200
	WORLDS=$${WORLDS:-5000} $(BIN)/python -m pytest tests/test_simulation.py

kill: $(VENV)/.dev            ## kill -9 at 200 random moments; KILLS=1000 make kill for the long run
	$(BIN)/python -m tests.killing

power: $(VENV)/.dev           ## the power goes 50 times, and with it what was not synced; CUTS=n
	$(BIN)/python -m tests.powercut

crashpoints: $(VENV)/.dev     ## killed three times before and after every commit and outside call
	TIMES=$${TIMES:-3} $(BIN)/python -m pytest --timeout=3600 -s tests/test_crash_points.py

nodes: $(VENV)/.dev           ## two gateways on one PostgreSQL: killed, put to sleep, cut off
	$(BIN)/python -m tests.nodes --kills $${KILLS:-200} --stops $${STOPS:-50} --restarts $${RESTARTS:-20} --cuts $${CUTS:-40}

bench: $(VENV)/.dev           ## measurements, side by side as ratios
	for one in accept crowd documents start webhooks; do $(BIN)/python -m bench.$$one || exit 1; done

fuzz: $(VENV)/.dev            ## foreign input for hours: SMTP, numbers, mails, documents; FUZZ=60: a minute for each target, and a short rest
	$(PIP) -r requirements-fuzz.txt || echo "no atheris for this Python"
	$(BIN)/python -m tests.fuzzing --seconds $${FUZZ:-1800}
	HYPOTHESIS=$$(test -n "$$FUZZ" && echo ordinary || echo long) $(BIN)/python -m pytest -n auto --timeout=7200 -m "not process" -k "any or hostile or fuzz or anything"
	$(BIN)/python -m tests.mutating $${FUZZ:+--cases 200}

mutants: $(VENV)/.dev         ## take out one rule after the other: the tests must notice each
	$(BIN)/python -m pytest tests/test_mutants.py tests/test_simulation.py -k "noticed or needed"

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev            ## newest versions that fit pyproject.toml, with hashes
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --extra dev -o requirements-dev.txt
	$(LOCK) --group pyproject.toml:fuzz -o requirements-fuzz.txt
	echo setuptools | $(LOCK) - -o requirements-build.txt

$(VENV)/.run: requirements.txt requirements-build.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements-build.txt
	$(PIP) $(BUILT) -r requirements.txt
	$(MAKE) --no-print-directory $(FAX)
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) $(BUILT) -r requirements-dev.txt
	touch $@

# The program straight from this directory, without a build step.
$(FAX):
	$(BIN)/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'fax-gateway.pth').write_text(str(pathlib.Path.cwd()) + '\n')"
	printf '#!%s/python\nfrom gateway.cli import main\nmain()\n' "$(abspath $(BIN))" > $@
	chmod +x $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
