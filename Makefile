# One line a task; the work is done by the scripts in packaging/.
PYTHON := .venv/bin/python
# Pictures of people that the tests look at and that are not ours to pass on: fetched before the network is taken away.
PORTRAITS = $(PYTHON) -m tests.helpers.portraits
# A mock of ESC-Router made by a tool that is not ours, where there is npm.
MOCK = $(PYTHON) -m tests.helpers.router_mock
# Many tests wait for something: so a process more than there are processors, four at most, each with a network and a /run
# of its own, where it starts the real services. One after the other: make test WORKERS=1.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN) && [ $$n -lt 4 ] && expr $$n + 1 || echo 4)
PYTEST = $(PYTHON) -m pytest --dist worksteal --tx '$(WORKERS)*popen//python=packaging/in-namespace $(PYTHON)'
SCREEN := $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s))
LOCK := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(LOCK_FLAGS)

# Our own modules are compiled once, not at every start, whatever the caller's shell says.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
run: ## open the station on the demo bench; where there is no screen, issue one card and print what was done
	@packaging/bootstrap run && $(PYTHON) -m station $(if $(SCREEN),--demo,demo --headless)
test: ## run every test
	@packaging/bootstrap test && $(PORTRAITS) && $(MOCK) && $(PYTEST) $(TESTS)
check: ## style, types, import contracts, sizes, translations
	@packaging/bootstrap test && packaging/check
bench: ## measure speed and size; figures go to bench-results/
	@packaging/bootstrap test && packaging/in-namespace packaging/bench
soak: ## the long runs: many more random cases, many more kills
	@packaging/bootstrap test && $(PORTRAITS) && $(MOCK) && HYPOTHESIS_PROFILE=soak STATION_SOAK=1 $(PYTEST) --timeout=7200 $(TESTS)
package: ## build the wheel and the source archive into dist/
	@packaging/bootstrap test && $(PYTHON) -m hatchling build
screenshots: ## take the pictures of the real window again
	@packaging/bootstrap test && packaging/in-namespace $(PYTHON) packaging/make-screenshots
translations: ## collect the texts and compile the translations
	@packaging/bootstrap test && packaging/make-translations
lock: ## write the locks again after a change of the dependencies; LOCK_FLAGS=--upgrade takes the newest
	@packaging/bootstrap test
	@$(LOCK) --group build --output-file packaging/requirements-build.txt
	@$(LOCK) pyproject.toml --extra pkcs11 --extra postgresql --extra heic --extra windows --output-file packaging/requirements-run.txt
	@$(LOCK) pyproject.toml --extra pkcs11 --extra postgresql --extra heic --extra windows --group dev --constraint packaging/requirements-build.txt --constraint packaging/requirements-run.txt --output-file packaging/requirements-test.txt

.PHONY: help run test check bench soak package screenshots translations lock
