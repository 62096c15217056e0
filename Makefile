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
MAIN := sensor/run/main.c
SOURCES := $(filter-out $(MAIN),$(wildcard sensor/*.c sensor/*/*.c \
	classifiers/*.c models/*.c alerts/*.c))
HEADERS := $(wildcard sensor/*.h sensor/*/*.h classifiers/*.h models/*.h \
	alerts/*.h)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

LIBRARIES := libpcap libndpi yaml-0.1 jansson libcrypto
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
DIALECT := -std=c17 -D_GNU_SOURCE -fno-common -I. \
	-DHEDGEROW_VERSION='"$(VERSION)"' \
	-DHEDGEROW_DATA='"$(DATA)"' -include sensor/base/banned.h
DATA ?= $(CURDIR)/models
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
-include $(wildcard $(BUILD)/tests/*/*.d)
