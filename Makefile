# hedgerow: build, test, lint.  `make help` says what there is.

VERSION := 0.1.0
BUILD ?= build/release
PREFIX ?= /usr/local
CC = gcc
V ?= 0
Q = $(if $(filter 1,$(V)),,@)

# --- what is built from what -------------------------------------------------
# A source belongs to the program unless it holds a main(); every test and
# fuzz target is one file that links with the whole program's objects.
MAIN := sensor/commands/main.c
SOURCES := $(filter-out $(MAIN),$(wildcard sensor/*.c sensor/*/*.c \
	classifiers/*.c classifiers/*/*.c classifiers/*/*/*.c models/*.c alerts/*.c))
HEADERS := $(wildcard sensor/*.h sensor/*/*.h classifiers/*.h \
	classifiers/*/*.h classifiers/*/*/*.h models/*.h \
	alerts/*.h)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
LIVE_TESTS := $(patsubst tests/live/%.c,%,$(wildcard tests/live/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

LIBRARIES := libpcap libndpi yaml-0.1 jansson libssl libcrypto zlib libzstd libmaxminddb \
	libevent_core hiredis libcurl libseccomp libpsl rdkafka
PKG_CFLAGS = $(subst -I,-isystem ,$(shell pkg-config --cflags $(LIBRARIES)))
PKG_LIBS = $(shell pkg-config --libs $(LIBRARIES))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wcast-qual -Wcast-align -Wwrite-strings -Wpointer-arith -Wundef -Wvla \
	-Wformat=2 -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough
ifeq ($(CC),gcc)
WARNINGS += -Wlogical-op -Wduplicated-cond -Wduplicated-branches
endif
WERROR ?=
OPTIMISE ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE ?=
# Where the shipped models are, when they are not beside the program.
DATA ?= $(PREFIX)/share/hedgerow/models
DIALECT = -std=c17 -D_GNU_SOURCE -fno-common -I. \
	-DHEDGEROW_VERSION='"$(VERSION)"' \
	-DHEDGEROW_DATA='"$(DATA)"' -include sensor/base/banned.h
ALL_CFLAGS = $(DIALECT) $(OPTIMISE) $(WARNINGS) $(WERROR) $(SANITIZE) \
	$(PKG_CFLAGS) $(CFLAGS)
LINK = $(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS)

OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
ARCHIVE := $(BUILD)/libhedgerow.a

.PHONY: all
all: hedgerow

hedgerow: $(BUILD)/hedgerow
	$(Q)ln -f $< $@ 2>/dev/null || cp -f $< $@

$(BUILD)/hedgerow: $(BUILD)/$(MAIN:.c=.o) $(ARCHIVE)
	@echo "  link   $@"
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS)

$(ARCHIVE): $(OBJECTS)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c | $(BUILD)/.packages
	@echo "  cc     $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Installs what is missing, once; .ci/packages is the one list.
$(BUILD)/.packages: .ci/packages
	$(Q)mkdir -p $(@D) && .ci/install-packages build && touch $@

-include $(OBJECTS:.o=.d) $(BUILD)/$(MAIN:.c=.d)

# --- tests -------------------------------------------------------------------
TEST_CFLAGS = -Itests -Wno-missing-prototypes
$(BUILD)/tests/unit/%: tests/unit/%.c $(ARCHIVE)
	@echo "  cc     $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP \
		-o $@ $< $(ARCHIVE) $(PKG_LIBS) -lcmocka
$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/driver.c $(ARCHIVE)
	@echo "  cc     $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP \
		-o $@ $< tests/fuzz/driver.c $(ARCHIVE) $(PKG_LIBS)
$(BUILD)/tests/live/%: tests/live/%.c $(ARCHIVE)
	@echo "  cc     $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP \
		-o $@ $< $(ARCHIVE) $(PKG_LIBS)
-include $(wildcard $(BUILD)/tests/*/*.d)

TESTS := $(UNIT_TESTS:%=$(BUILD)/tests/unit/%) \
	$(FUZZERS:%=$(BUILD)/tests/fuzz/%) $(LIVE_TESTS:%=$(BUILD)/tests/live/%)
.PHONY: tests-built
tests-built: $(BUILD)/hedgerow $(TESTS)

SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

# A short search in what reads packets, on top of what was found before.
TEST_FUZZ_SECONDS ?= 60
.PHONY: test
test:
	$(Q).ci/install-packages build test live
	$(Q)$(MAKE) --no-print-directory -j2 BUILD=build/asan WERROR=-Werror \
		OPTIMISE='-O1 -g' SANITIZE='$(SANITIZERS)' \
		CFLAGS=-DHEDGEROW_TESTING tests-built
	$(Q)$(MAKE) --no-print-directory -j2 BUILD=build/tsan WERROR=-Werror \
		OPTIMISE='-O1 -g' SANITIZE='-fsanitize=thread -Wno-tsan' \
		build/tsan/hedgerow
	$(Q)$(MAKE) --no-print-directory -j2 WERROR=-Werror hedgerow
	$(Q)tests/run build/asan
	$(Q)tests/tools/fuzz $(TEST_FUZZ_SECONDS) fuzz_frame fuzz_reassembly \
		fuzz_payload fuzz_capture_file

.PHONY: expect-update
expect-update: hedgerow $(BUILD)/tests/unit/test_format_golden \
		$(BUILD)/tests/unit/test_live_metrics
	$(Q)$(BUILD)/tests/unit/test_format_golden --update >/dev/null
	$(Q)$(BUILD)/tests/unit/test_live_metrics --update >/dev/null
	$(Q)for case in tests/replay/*/; do \
		tests/tools/replay-case --update ./hedgerow $$case; done
	$(Q)for case in tests/export/*/; do \
		tests/tools/export-case --update ./hedgerow $$case; done

# The catalogue's table in C and its page, from alerts/catalog.yaml.
.PHONY: catalogue
catalogue:
	$(Q).ci/install-packages build test
	$(Q)tests/tools/catalogue

# Settings and manual of the detectors, from their tables and the catalogue.
.PHONY: detectors
detectors: hedgerow
	$(Q)tests/tools/detectors ./hedgerow

# libFuzzer, FUZZ_SECONDS for each target; finds go to tests/fuzz/found.
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz:
	$(Q).ci/install-packages build test
	$(Q)tests/tools/fuzz $(FUZZ_SECONDS) $(FUZZERS)

# Speed, as ratios to floors measured in the same run; docs/performance.md.
.PHONY: bench
bench: hedgerow
	$(Q).ci/install-packages bench
	$(Q)tests/bench/run
	$(Q)$(MAKE) --no-print-directory bench-policy bench-inventory

# Whether a live sensor stays as it is while packets come at speed.
SECONDS ?= 600
.PHONY: soak
soak: hedgerow
	$(Q).ci/install-packages build live
	$(Q)nice tests/bench/soak --seconds $(SECONDS)

# The same with as many packets as 2 000 a second are in a day: an hour.  And
# replays of 25 hours.
.PHONY: soak-day
soak-day: hedgerow
	$(Q).ci/install-packages build live
	$(Q)nice tests/bench/soak --day --pps 60000 --flows 131072
	$(Q)nice tests/bench/day

# The highest rate without loss, beside others; from a packet to its alert, from
# a pod's event to another verdict.
.PHONY: bench-live
bench-live: hedgerow
	$(Q).ci/install-packages build live bench
	$(Q)tests/bench/rate
	$(Q)tests/bench/delay --workers 1 --workers 2
	$(Q)tests/bench/named --workers 1 --workers 2

# What a verdict and a pod event cost with 100 000 workloads; a few seconds.
.PHONY: bench-policy
bench-policy: $(BUILD)/tests/bench/policy
	$(Q)$< --check
# What 100 000 workloads cost to load, a changed one, and a look-up.
.PHONY: bench-inventory
bench-inventory: $(BUILD)/tests/bench/inventory
	$(Q)$<
$(BUILD)/tests/bench/%: tests/bench/%/main.c $(ARCHIVE)
	@echo "  cc     $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< \
		$(ARCHIVE) $(PKG_LIBS)

# Every sink with so many alerts, while its target dies, stalls and is full and the
# sensor is killed: half an hour.  Then what each sink costs; docs/delivery.md.
DELIVER_COUNT ?= 100000
SINKS := tests/live/sinks
.PHONY: deliver-full
deliver-full: $(BUILD)/hedgerow $(BUILD)/tests/live/kafka_mock
	$(Q).ci/install-packages live
	$(Q)HEDGEROW_DATA=models $(SINKS)/live.py $(BUILD) $(DELIVER_COUNT)
	$(Q)HEDGEROW_DATA=models $(SINKS)/scenario.py $(BUILD) \
		$(DELIVER_COUNT) all
.PHONY: deliver-bench
deliver-bench: $(BUILD)/hedgerow $(BUILD)/tests/live/kafka_mock
	$(Q).ci/install-packages live
	$(Q)HEDGEROW_DATA=models $(SINKS)/bench.py $(BUILD) $(DELIVER_COUNT)

.PHONY: lint
lint:
	$(Q).ci/install-packages build test
	$(Q)tests/tools/lint

# For what compiles files of its own: pkg-config's names.
.PHONY: libraries
libraries:
	@echo $(LIBRARIES)

.PHONY: format
format:
	$(Q)find sensor classifiers models alerts tests -name '*.[ch]' | \
		xargs clang-format -i

# --- a first look ------------------------------------------------------------
DEMO := pcaps/demo
.PHONY: demo
demo: hedgerow
	@echo "hedgerow replay $(DEMO)/capture.pcap, with who is who and the" \
		"operator's models:"
	@echo
	$(Q)./hedgerow replay $(DEMO)/capture.pcap \
		--inventory $(DEMO)/metadata.json \
		--inventory $(DEMO)/watch.jsonl \
		--models $(DEMO)/models --alerts build/demo-alerts.ndjson
	@echo
	@echo "The first alert of $$(wc -l < build/demo-alerts.ndjson) records" \
		"in build/demo-alerts.ndjson:"
	@head -n 1 build/demo-alerts.ndjson

.PHONY: install
install: hedgerow
	install -Dm755 hedgerow $(DESTDIR)$(PREFIX)/bin/hedgerow
	install -d $(DESTDIR)$(PREFIX)/share/hedgerow/models/library \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models/platform \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models/general
	install -m644 models/detectors.yaml \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models
	install -m644 models/library/*.yaml \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models/library
	install -m644 models/platform/*.yaml \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models/platform
	install -m644 models/general/*.yaml \
		$(DESTDIR)$(PREFIX)/share/hedgerow/models/general

.PHONY: clean
clean:
	rm -rf build hedgerow

.PHONY: help
help:
	@echo "make         builds ./hedgerow (installs missing Debian packages)"
	@echo "make demo    finds intruders in a capture that comes with it"
	@echo "make test    everything that must hold, under ASan and UBSan"
	@echo "make lint    layers, headers, lengths, libraries, static analysis"
	@echo "make bench   what a packet costs, as ratios to floors"
	@echo "make soak    the live sensor under load for SECONDS=600, as root"
	@echo "make soak-day, bench-live   a day's packets; rates and delays"
	@echo "tests/guest/guest   a Debian 12 of its own: kernel, boot, clock, cards"
	@echo "make deliver-full, deliver-bench   every sink with 100 000 alerts"
	@echo "make fuzz    each parser for FUZZ_SECONDS=60"
	@echo "make install PREFIX=/usr/local DESTDIR="
