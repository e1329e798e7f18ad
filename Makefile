# SPDX-License-Identifier: GPL-2.0-or-later
#
# make           ./tapx, linked statically: loading shared libraries takes longer than most one-liners are
#                parsed in (0.3 ms; 30 ms under emulation). make LINK= links dynamically
# make demo      install what is needed, build, and trace kernel functions live (in a VM where the
#                host's kernel has no kprobes)
# make check     all tests: unit tests under sanitizers, golden tests, both kernels in the VM
# make static    ./tapx-static: one file without symbols that needs nothing on the target
# make fuzz      each fuzz target for FUZZ_SECONDS (600), see tests/fuzz; needs clang
# make bench     ratios against Debian's peers
# make install   DESTDIR and PREFIX as usual

PREFIX ?= /usr/local
CC ?= cc
CFLAGS ?= -O2 -g
LINK ?= -static
PKGS = libtraceevent libdw libelf liblzma

WARN = -Wall -Wextra -Wshadow -Wswitch-enum -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wvla
TAPX_CFLAGS = -std=gnu11 $(WARN) $(WERROR) -Isrc -Iruntime \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
STATIC_LIBS = $(shell pkg-config --static --libs $(PKGS) 2>/dev/null) -lm
link = $(CC) $(CFLAGS) $(LDFLAGS) $(1) -Wl,--gc-sections -o $@ $(OBJ) $(if $(1),$(STATIC_LIBS),$(LIBS))

DIRS = base frontend debuginfo probe lower tracefs eval kmod
SRC := $(wildcard src/*.c $(DIRS:%=src/%/*.c) runtime/common/*.c)
OBJ := $(SRC:%.c=build/%.o) build/tapset.o build/runtime.o
LIB_OBJ = $(filter-out build/src/main.o,$(OBJ))
SAN_OBJ = $(LIB_OBJ:build/%=build/san/%)
UNIT := $(patsubst tests/unit/%.c,build/unit/%,$(wildcard tests/unit/*_test.c))
# -Wformat-truncation is wrong about vsnprintf(NULL, 0, ...) under the sanitizers
SAN = -fsanitize=address,undefined -fno-omit-frame-pointer -O1 -Wno-format-truncation

all: tapx

tapx: $(OBJ)
	$(call say,LD)
	$(Q)$(call link,$(LINK))

static: tapx-static

tapx-static: $(OBJ)
	$(call say,LD)
	$(Q)$(call link,-static -s)

# V=1 shows whole commands
ifneq ($(V),1)
Q = @
say = @echo '  $(1)	$@'
endif

build/%.o: %.c | have-libs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) -ffunction-sections -fdata-sections $(TAPX_CFLAGS) -MMD -MP -c -o $@ $<

build/san/%.o: %.c | have-libs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -g $(SAN) $(TAPX_CFLAGS) -MMD -MP -c -o $@ $<

build/san/%.o: build/%.c
	@mkdir -p $(@D)
	$(CC) -g $(SAN) $(TAPX_CFLAGS) -c -o $@ $<

build/tapset.c: tapset/embed.awk $(wildcard tapset/*.stp tapset/*.stpm)
	@mkdir -p $(@D)
	awk -f tapset/embed.awk $(wildcard tapset/*.stp tapset/*.stpm) > $@

RUNTIME = $(wildcard runtime/*.c runtime/*.h) $(filter-out %regex_parse.c %regex_build.c %regex_int.h, \
	$(wildcard runtime/common/*.c runtime/common/*.h))
build/runtime.c: runtime/embed.awk $(RUNTIME)
	@mkdir -p $(@D)
	awk -f runtime/embed.awk $(RUNTIME) > $@

build/tapset.o build/runtime.o: %.o: %.c
	$(CC) $(CFLAGS) $(TAPX_CFLAGS) -c -o $@ $<

build/unit/%: tests/unit/%.c $(SAN_OBJ)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) -g $(SAN) $(TAPX_CFLAGS) -Itests/unit -Itests -o $@ $< $(SAN_OBJ) $(LIBS)

unit: $(UNIT)

build/tapx-san: $(SAN_OBJ) build/san/src/main.o
	$(CC) -g $(SAN) -o $@ $^ $(LIBS)

build/mkbtf: tests/fake/mkbtf.c | have-libs
	@mkdir -p $(@D)
	$(CC) $(WARN) -o $@ $< -lbpf

build/fake.btf: build/mkbtf
	build/mkbtf $@

build/wl: tests/live/wl.c
	@mkdir -p $(@D)
	$(CC) -O1 -fno-omit-frame-pointer $(WARN) -pthread -static -o $@ $<

# as distributions build programs, with functions that only .symtab knows
UWL = -O2 $(WARN) -fPIC -pthread
build/uwl: tests/live/uwl.c tests/live/uwl.h tests/live/sdt.h build/libuwl.so
	$(CC) $(UWL) -pie -o $@ $< -Lbuild -luwl '-Wl,-rpath,$$ORIGIN'

build/libuwl.so: tests/live/uwl_lib.c tests/live/uwl.h
	@mkdir -p $(@D)
	$(CC) $(UWL) -shared -o $@ $<

have-libs:
	@pkg-config --exists $(PKGS) || { \
		echo "tapx needs: $(PKGS). 'tests/deps build' installs them on Debian." >&2; exit 1; }

demo:
	tests/deps build
	$(MAKE) tapx
	tests/demo

check:
	tests/check

bench:
	tests/deps build
	tests/deps bench
	$(MAKE) tapx
	tests/bench/run

build/tapx.1: doc/man.awk src/options.def src/taprun.def doc/tapx.1.in
	@mkdir -p $(@D)
	awk -f $^ > $@

build/errors.md: src/base/diag.def
	@mkdir -p $(@D)
	awk -F'"' '/^DIAG/ { tag = $$0; sub(/^DIAG\(/, "", tag); sub(/,.*/, "", tag); \
		t = $$0; sub(/^[^"]*"/, "", t); sub(/"\)$$/, "", t); gsub(/\\"/, "\"", t); \
		printf "## %s\n\n%s\n\n", tag, t }' src/base/diag.def > $@

install: tapx build/tapx.1 build/errors.md
	install -D -m 644 build/tapx.1 $(DESTDIR)$(PREFIX)/share/man/man1/tapx.1
	install -D -m 644 build/errors.md $(DESTDIR)$(PREFIX)/share/doc/tapx/errors.md
	ln -sf tapx.1 $(DESTDIR)$(PREFIX)/share/man/man1/taprun.1
	install -D -m 755 tapx $(DESTDIR)$(PREFIX)/bin/tapx
	ln -sf tapx $(DESTDIR)$(PREFIX)/bin/taprun
	install -d $(DESTDIR)$(PREFIX)/share/tapx/tapset
	install -m 644 $(wildcard tapset/*.stp tapset/*.stpm) $(DESTDIR)$(PREFIX)/share/tapx/tapset

# ---- fuzzing: tests/fuzz; `make check` replays what `make fuzz` (clang) has found ----

FUZZ = lex parse types eval printf
FUZZ_SECONDS ?= 600
FUZZ_FRONT = src/base src/frontend runtime/common
FUZZ_EVAL = src/debuginfo src/probe src/lower src/eval
fuzz_obj = $(patsubst %.c,build/fuzz/obj/%.o,$(wildcard $(1:%=%/*.c)))
FUZZ_OBJ = $(call fuzz_obj,$(FUZZ_FRONT)) $(patsubst %,build/fuzz/obj/%.o, \
	build/tapset tests/fuzz/fuzz tests/fuzz/grammar tests/fuzz/mutate)
# TAPX_HARD: each object of an arena stands alone
FUZZ_SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -DTAPX_HARD

build/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)clang -g $(FUZZ_SAN) -fsanitize=fuzzer-no-link $(TAPX_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/%: build/fuzz/obj/tests/fuzz/%.o $(FUZZ_OBJ)
	$(call say,LD)
	$(Q)clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIBS)

build/fuzz/eval: $(call fuzz_obj,$(FUZZ_EVAL))

build/fuzz/%-replay: $(patsubst %,build/san/%.o,tests/fuzz/fuzz tests/fuzz/grammar tests/fuzz/replay) \
		build/san/tests/fuzz/%.o build/san/tapset.o \
		$(filter $(patsubst %,build/san/%/%,$(FUZZ_FRONT) $(FUZZ_EVAL)),$(SAN_OBJ))
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) -g $(SAN) -o $@ $^ $(LIBS)

build/fuzz/dict: tests/fuzz/dict.awk src/frontend/ops.def src/frontend/builtins.def
	@mkdir -p $(@D)
	awk -f $^ > $@

fuzzers: $(FUZZ:%=build/fuzz/%) $(FUZZ:%=build/fuzz/%-replay) build/fuzz/dict

replays: $(FUZZ:%=build/fuzz/%-replay)

fuzz:
	tests/deps build fuzz
	$(MAKE) fuzzers
	tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

clean:
	rm -rf build tapx tapx-static

.PHONY: all static unit demo check bench fuzz fuzzers replays install clean have-libs
.SECONDARY:

-include $(OBJ:.o=.d) $(SAN_OBJ:.o=.d) $(wildcard build/fuzz/obj/*/*.d build/fuzz/obj/*/*/*.d build/san/tests/fuzz/*.d)
