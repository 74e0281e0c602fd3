# SPDX-License-Identifier: MIT
# The front door: every step installs or names the packages it needs, builds
# what it needs, and runs.  Meson and Ninja do the work (meson.build).

PYTHON ?= /usr/bin/python3
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 30
# Options for pytest and sockbox tour: make check PYTEST=-x, make tour TOUR=unix
PYTEST ?=
TOUR ?=
# Options for bench/run: make bench BENCH='--only bulk --rounds 5'
BENCH ?=

BUILD = build
SANITIZE = build-sanitize
VALGRIND = build-valgrind
CLANG = build-clang
FUZZ = build-fuzz
RELEASE = build-release

.PHONY: all tour check check-all check-sanitize check-valgrind check-clang check-soak
.PHONY: bench fuzz lint format table install clean

all: $(BUILD)/build.ninja
	@script/deps build
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@script/deps build
	meson setup $(BUILD)

tour:
	@script/deps tour
	@$(MAKE) --no-print-directory all
	$(BUILD)/src/sockbox tour $(TOUR)

# A build folder that was set up without cmocka (make tour) gets its tests now.
check:
	@script/deps check
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@test -d $(BUILD)/test/unit || meson setup --reconfigure -Dtests=enabled $(BUILD)
	@$(MAKE) --no-print-directory all
	$(PYTHON) script/lint
	meson test -C $(BUILD) --print-errorlogs
	SOCKBOX_BUILD=$(BUILD) $(PYTHON) -m pytest -q test $(PYTEST)

check-all: check check-sanitize check-valgrind check-clang check-soak
	@echo "check-all: everything passed"

# AddressSanitizer and UndefinedBehaviorSanitizer under the same tests.
# use_sigaltstack=0: gcc's AddressSanitizer reports its own clean-up of a thread that was cancelled
# (task_offload) as an overflow.
check-sanitize: export ASAN_OPTIONS = detect_leaks=1:exitcode=99:use_sigaltstack=0
check-sanitize: export UBSAN_OPTIONS = print_stacktrace=1:halt_on_error=1
check-sanitize:
	@script/deps all
	@test -e $(SANITIZE)/build.ninja || meson setup $(SANITIZE) \
		-Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
	ninja -C $(SANITIZE)
	meson test -C $(SANITIZE) --print-errorlogs
	SOCKBOX_BUILD=$(SANITIZE) $(PYTHON) -m pytest -q test $(PYTEST)

# A build of its own: valgrind cannot follow stacks that are switched.
$(VALGRIND)/build.ninja:
	meson setup $(VALGRIND) -Dfibers=thread

check-valgrind: $(VALGRIND)/build.ninja
	@script/deps all
	ninja -C $(VALGRIND)
	meson test -C $(VALGRIND) --print-errorlogs --suite unit --timeout-multiplier 10 \
		--wrapper 'valgrind -q --error-exitcode=99 --leak-check=full'
	script/valgrind-cli $(VALGRIND)/src/sockbox
	SOCKBOX_VALGRIND=1 SOCKBOX_BUILD=$(VALGRIND) $(PYTHON) -m pytest -q test/load

# The load tests with twenty times as many sessions.
check-soak: all
	@script/deps all
	SOCKBOX_SOAK=20 SOCKBOX_BUILD=$(BUILD) $(PYTHON) -m pytest -q test/load/test_soak.py

check-clang:
	@script/deps all
	@test -e $(CLANG)/build.ninja || CC=clang meson setup $(CLANG) -Dwerror=true
	ninja -C $(CLANG)
	meson test -C $(CLANG) --print-errorlogs

bench:
	@script/deps bench
	@test -e $(RELEASE)/build.ninja || meson setup $(RELEASE) --buildtype=release
	ninja -C $(RELEASE) all bench/load
	$(PYTHON) bench/run --build $(RELEASE) $(BENCH)

fuzz:
	@script/deps all
	@test -e $(FUZZ)/build.ninja || CC=clang meson setup $(FUZZ) \
		-Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
	ninja -C $(FUZZ)
	script/fuzz $(FUZZ) $(FUZZ_SECONDS)

lint:
	$(PYTHON) script/lint

format:
	@script/deps all
	clang-format -i $$(git ls-files '*.c' '*.h')

# The table of the tutorial's commands in README.md.
table: all
	$(PYTHON) script/tutorial-table --build $(BUILD) --write

install:
	@script/deps build
	@test -e $(RELEASE)/build.ninja || meson setup $(RELEASE) --buildtype=release
	meson configure $(RELEASE) --prefix $(PREFIX)
	DESTDIR="$(DESTDIR)" meson install -C $(RELEASE)

clean:
	rm -rf $(BUILD) $(SANITIZE) $(VALGRIND) $(CLANG) $(FUZZ) $(RELEASE)
