# SPDX-License-Identifier: Apache-2.0
#
# Every folder has a Makefile of lines like these, with paths relative to the folder:
#
#	obj-y += buf.o				always built
#	obj-$(CONFIG_ROLE_RADIO) += radio.o	built when the symbol of the Kconfig is y
#	cflags-radio.o := -DSOMETHING		for one object (rarely needed)
#
# The objects of a component (lib, ipc, agent with its folders, ...) become one archive,
# $(BUILD)/<component>/built-in.a; main.o of agent, helper and ctl is linked with the archives
# and libraries that the program may use and no others. C code includes "lib/buf.h" (from the
# root), <system.h>, and "config.h" for the CONFIG_ symbols. tests/unit/test_*.c and
# tests/fuzz/fuzz_*.c are found by themselves. `make help` lists what can be made.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin AR),default)
AR := ar
endif
PKG_CONFIG ?= pkg-config
DESTDIR ?=
PREFIX ?= /usr
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
SAN ?=
V ?= 0
WERROR ?= 0
SECONDS ?= 60
N ?= 1000

comma := ,
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif
# make -s: the one-letter options come first, without a dash.
short := $(firstword $(MAKEFLAGS))
ifneq ($(if $(findstring =,$(short))$(filter -%,$(short)),,$(findstring s,$(short))),)
say = @:
endif

all:

# A configuration goal beside others (make small_defconfig all) changes what the others read.
config-goals := $(filter %config,$(MAKECMDGOALS))
ifneq ($(and $(config-goals),$(filter-out $(config-goals),$(MAKECMDGOALS))),)

.PHONY: $(MAKECMDGOALS) one-by-one
$(MAKECMDGOALS): one-by-one ; @:
one-by-one:
	@set -e; for goal in $(MAKECMDGOALS); do $(MAKE) --no-print-directory $$goal; done

else

## Configuration

no-config-goals := clean help deps format %_defconfig defconfig check check-% soak demo fuzz analyze
goals := $(or $(MAKECMDGOALS),all)
need-config := $(filter-out $(no-config-goals),$(goals))

KCONFIGS := Kconfig $(wildcard */Kconfig)
CONFIG_MK := $(BUILD)/include/config.mk
FLAGS_MK := $(BUILD)/include/flags-$(notdir $(firstword $(CC))).mk

ifneq ($(need-config),)
include $(CONFIG_MK)
include $(FLAGS_MK)
endif

$(CONFIG_MK): $(KCONFIGS) scripts/kconfig scripts/kconfig.awk $(wildcard $(BUILD)/.config)
	@test -f $(BUILD)/.config && from=$(BUILD)/.config || from=configs/defconfig; \
	scripts/kconfig $$from $(BUILD)

$(FLAGS_MK): scripts/probe-flags
	@mkdir -p $(@D)
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' scripts/probe-flags > $@.new && mv $@.new $@

defconfig:
	@scripts/kconfig configs/defconfig $(BUILD) && echo "$(BUILD)/.config: configs/defconfig"

%_defconfig:
	@scripts/kconfig configs/$@ $(BUILD) && echo "$(BUILD)/.config: configs/$@"

# The new symbols get their defaults; kconfig-conf would ask about each.
oldconfig: $(CONFIG_MK)
	@scripts/kconfig $(BUILD)/.config $(BUILD)

menuconfig: $(CONFIG_MK)
	@command -v kconfig-mconf > /dev/null || \
		{ echo "menuconfig needs Debian's kconfig-frontends-nox"; exit 1; }
	KCONFIG_CONFIG=$(BUILD)/.config kconfig-mconf Kconfig
	@scripts/kconfig $(BUILD)/.config $(BUILD)

## Components

COMPONENTS ?= lib ipc nl80211 wifi firmware seccomp agent helper ctl
components := $(patsubst %/Makefile,%,$(wildcard $(addsuffix /Makefile,$(COMPONENTS))))
folders-of = $(patsubst %/Makefile,%,$(wildcard $(1)/Makefile $(1)/*/Makefile))

# $(1) component, $(2) folder
define read-folder
obj-y :=
include $(2)/Makefile
objs-$(1) += $$(addprefix $(BUILD)/$(2)/,$$(filter-out main.o,$$(obj-y)))
mains-$(1) += $$(addprefix $(BUILD)/$(2)/,$$(filter main.o,$$(obj-y)))
endef

$(foreach c,$(components),$(eval objs-$(c) :=)$(eval mains-$(c) :=))
$(foreach c,$(components),$(foreach folder,$(call folders-of,$(c)),\
	$(eval $(call read-folder,$(c),$(folder)))))
$(foreach c,$(components),$(eval $(BUILD)/$(c)/built-in.a: $(objs-$(c))))

archive = $(if $(filter $(1),$(components)),$(BUILD)/$(1)/built-in.a)
archives = $(foreach c,$(1),$(call archive,$(c)))

## Flags

optimize := $(if $(CONFIG_DEBUG),-Og,$(if $(CONFIG_OPTIMIZE_SIZE),-Os,-O2))
CSTD := -std=gnu11
CPPFLAGS_ALL := -I. -I$(BUILD)/include -D_GNU_SOURCE
# Paths of the build machine are kept out of the objects: two builds are the same, bit for bit.
CFLAGS_ALL := $(CSTD) $(optimize) -g -fno-omit-frame-pointer \
	-ffile-prefix-map=$(abspath $(BUILD))=build -ffile-prefix-map=$(CURDIR)=. \
	$(WARN_CFLAGS) $(HARDEN_CFLAGS)
LDFLAGS_ALL := $(HARDEN_LDFLAGS)

ifneq ($(SAN),)
# The sanitizers load and map at run time, and bring their own checks of the library calls.
# What is used without a value must not look like zero here, as it does in a release by gcc.
san-flags := -fsanitize=$(SAN) -fno-sanitize-recover=all -ftrivial-auto-var-init=pattern
ifneq ($(and $(findstring clang,$(CC)),$(findstring address,$(SAN))),)
san-flags += -fsanitize=fuzzer-no-link
endif
CPPFLAGS_ALL += -DSAN -U_FORTIFY_SOURCE
CFLAGS_ALL := $(filter-out -ftrivial-auto-var-init=% -Wframe-larger-than=% -Wstack-usage=%,$(CFLAGS_ALL)) $(san-flags)
LDFLAGS_ALL := $(filter-out -Wl$(comma)-z$(comma)defs -Wl$(comma)-z$(comma)nodlopen,$(LDFLAGS_ALL)) \
	$(san-flags)
else
CPPFLAGS_ALL += $(if $(CONFIG_DEBUG),,$(FORTIFY))
endif
ifeq ($(WERROR),1)
CFLAGS_ALL += -Werror
endif
lib-cflags := $(NL_CFLAGS) $(MNL_CFLAGS) $(XML_CFLAGS) $(CURL_CFLAGS) $(SSL_CFLAGS) \
	$(SECCOMP_CFLAGS) $(CAP_CFLAGS)
# A test may put a whole message on its stack.
test-cflags := $(if $(filter -Wstack-usage=%,$(WARN_CFLAGS)),-Wno-stack-usage) \
	-Wframe-larger-than=131072
compile = $(CC) $(CPPFLAGS_ALL) $(CPPFLAGS) $(CFLAGS_ALL) $(CFLAGS) $(lib-cflags)
link = $(CC) $(CFLAGS_ALL) $(CFLAGS) $(LDFLAGS_ALL) $(LDFLAGS)

agent-libs = $(NL_LIBS) $(MNL_LIBS) $(XML_LIBS) $(CURL_LIBS) $(SSL_LIBS) $(SECCOMP_LIBS) $(CAP_LIBS)
helper-libs = $(NL_LIBS) $(CAP_LIBS) $(SECCOMP_LIBS) $(if $(CONFIG_ROLE_FLASH),$(CRYPTO_LIBS))
ctl-libs =

# A change of compiler or flags rebuilds; so does one of the configuration (config.h is included
# by few, and the fragments decide what is in an archive).
FLAGS_STAMP := $(BUILD)/include/flags.stamp
$(FLAGS_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(compile) $(link)' | cmp -s - $@ || echo '$(compile) $(link)' > $@

# So does another time of the build, where it counts (agent/Makefile).
EPOCH_STAMP := $(BUILD)/include/epoch
$(EPOCH_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(BUILD_EPOCH)' | cmp -s - $@ || echo '$(BUILD_EPOCH)' > $@
$(BUILD)/agent/start.o: $(EPOCH_STAMP)

## Rules

%/built-in.a: $(FLAGS_STAMP) $(CONFIG_MK)
	@mkdir -p $(@D)
	$(say) AR $(patsubst $(BUILD)/%,%,$@)
	@rm -f $@
	$(Q)$(AR) qcsD $@ $(filter %.o,$^)

# Which archives and libraries a program may use: this is the list.
agent-archives := $(call archives,agent ctl wifi nl80211 ipc seccomp lib)
helper-archives := $(call archives,helper firmware wifi nl80211 ipc seccomp lib)
ctl-archives := $(call archives,ctl lib)
all-archives := $(call archives,$(components))

# $(1) component, $(2) program
define program
ifneq ($$(mains-$(1)),)
programs += $(BUILD)/$(2)
$(BUILD)/$(2): $$(mains-$(1)) $$($(1)-archives)
	$$(say) LD $(2)
	$$(Q)$$(link) -o $$@ $$(mains-$(1)) -Wl,--start-group $$($(1)-archives) -Wl,--end-group $$($(1)-libs)
endif
endef
programs :=
$(eval $(call program,agent,sallyport-agent))
$(eval $(call program,helper,sallyport-helper))
$(eval $(call program,ctl,sallyportctl))

all: $(programs) $(all-archives)
lib: $(call archive,lib)

## Tests

test-libs = $(agent-libs) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
unit-of- :=
-include tests/unit/Makefile
unit-tests := $(filter-out $(addprefix $(BUILD)/tests/unit/,$(unit-of-)),\
	$(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c)))
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
benches := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/bench_*.c))
link-test = $(link) -o $@ $(filter %.o,$^) -Wl,--start-group $(all-archives) -Wl,--end-group $(test-libs)

$(unit-tests) $(benches): $(BUILD)/%: $(BUILD)/%.o $(all-archives)
	$(say) LD $*
	$(Q)$(link-test)

$(fuzzers): $(BUILD)/%: $(BUILD)/%.o $(all-archives)
	$(say) LD $*
	$(Q)$(link-test) -fsanitize=fuzzer

# tests/sandbox/Makefile: prog-y lists the programs (one .o each), obj-y what all of them need.
prog-y :=
obj-y :=
-include tests/sandbox/Makefile
sandbox-tests := $(patsubst %.o,$(BUILD)/tests/sandbox/%,$(prog-y))
sandbox-objs := $(addprefix $(BUILD)/tests/sandbox/,$(obj-y))

$(sandbox-tests): $(BUILD)/%: $(BUILD)/%.o $(sandbox-objs) $(all-archives)
	$(say) LD $*
	$(Q)$(link-test)

units: $(unit-tests)
fuzzers: $(fuzzers)
sandbox-tests: $(sandbox-tests)
benches: $(benches)
# make run-test_buf: builds and runs one
run-test_%: $(BUILD)/tests/unit/test_%
	$<

# What make check builds under sanitizers lies beside, so that a later make does not rebuild all.
SAN_MAKE = $(MAKE) --no-print-directory BUILD=$(BUILD)/san CC=clang SAN=address,undefined

fuzz:
	@test -n '$(FUZZER)' || { echo 'make fuzz FUZZER=name SECONDS=n'; exit 1; }
	$(Q)$(SAN_MAKE) $(BUILD)/san/tests/fuzz/fuzz_$(FUZZER)
	@mkdir -p $(BUILD)/fuzz/$(FUZZER) tests/fuzz/corpus/$(FUZZER)
	$(BUILD)/san/tests/fuzz/fuzz_$(FUZZER) -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/fuzz/$(FUZZER)- $(BUILD)/fuzz/$(FUZZER) \
		tests/fuzz/corpus/$(FUZZER)

run-checks = BUILD='$(abspath $(BUILD))' MAKE='$(MAKE)' CC='$(CC)' SAN='$(SAN)' tests/run-checks
check:
	@scripts/deps build check guest
	@$(run-checks) $(CHECKS)
check-sandbox:
	@scripts/deps build check
	@$(run-checks) sandbox
check-guest:
	@scripts/deps build check guest
	@$(run-checks) guest
check-style:
	@$(run-checks) style
# The long random tests in full; the seed is in the report.
soak:
	@scripts/deps build check guest
	@ROUNDS='$(N)' SEED='$(SEED)' $(run-checks) --report '$(BUILD)/soak.txt' unit host guest powercut

demo:
	@scripts/deps build guest
	@+$(MAKE) --no-print-directory all
	@BUILD='$(abspath $(BUILD))' ACS='$(ACS)' tests/demo

bench:
	@scripts/deps build check guest bench
	@$(MAKE) --no-print-directory $(programs) $(benches)
	@BUILD='$(abspath $(BUILD))' scripts/bench > $(BUILD)/bench.json.new
	@mv $(BUILD)/bench.json.new $(BUILD)/bench.json
	@echo $(BUILD)/bench.json

# What gcc finds by following paths; it guesses, so this is read and not counted.
analyze:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/analyze CC=gcc CFLAGS=-fanalyzer -k all

deps:
	@scripts/deps build check guest

## The rest

install: $(programs)
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(SYSCONFDIR)/sallyport
	install -m 755 $(filter-out %ctl,$(programs)) $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(filter %ctl,$(programs)) $(DESTDIR)$(PREFIX)/bin
	test -e $(DESTDIR)$(SYSCONFDIR)/sallyport/sallyport.conf || \
		install -m 644 etc/sallyport.conf $(DESTDIR)$(SYSCONFDIR)/sallyport
	install -m 644 etc/factory.conf.example etc/vendor.conf.example etc/wpa_supplicant.conf \
		$(DESTDIR)$(SYSCONFDIR)/sallyport
	install -d $(DESTDIR)$(UNITDIR)/hostapd.service.d
	install -m 644 packaging/systemd/*.service $(DESTDIR)$(UNITDIR)
	install -m 644 packaging/systemd/hostapd.service.d/sallyport.conf \
		$(DESTDIR)$(UNITDIR)/hostapd.service.d
	install -D -m 644 packaging/systemd/sallyport.sysusers \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/sallyport.conf
	install -D -m 644 packaging/systemd/sallyport.tmpfiles \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/sallyport.conf

# make format, or make format DIR=lib
DIR ?= agent ctl helper ipc lib nl80211 wifi seccomp firmware tests bench
format:
	@scripts/files '*.c' '*.h' | grep -E '^($(subst $() $(),|,$(strip $(DIR))))/' | \
		xargs -r clang-format -i

# What libseccomp makes of the tables: a change of docs/policy.txt is reviewed.
policy.txt: $(BUILD)/tests/sandbox/policy
	$< > docs/policy.txt.new && mv docs/policy.txt.new docs/policy.txt

# What the rows of agent/tr181/ say, for people; make check compares.
docs: $(BUILD)/tests/unit/test_tr181_doc
	TR181_DOC=docs/tr181.md $<

# The same for an ACS (TR-106 Annex B): the operator hosts it and says where by device_type.url.
device-type: $(BUILD)/sallyport-agent
	$< --device-type > $(BUILD)/device-type.xml.new
	@mv $(BUILD)/device-type.xml.new $(BUILD)/device-type.xml && echo $(BUILD)/device-type.xml

# What the tables of ipc/ say, for people and for the fuzzer.
ipc.md: $(BUILD)/tests/sandbox/ipc_doc
	@mkdir -p tests/fuzz/corpus/ipc
	$< > docs/ipc.md.new && mv docs/ipc.md.new docs/ipc.md
	$< --seeds tests/fuzz/corpus/ipc

clean:
	rm -rf $(BUILD)/* $(BUILD)/.config
	@rmdir $(BUILD) 2> /dev/null || true

help:
	@sed -n 's/^#: \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

#: make                      build/sallyport-agent, sallyport-helper, sallyportctl
#: make demo                 the whole story in a virtual gateway (installs what it needs)
#: make demo ACS=URL         the same against your own ACS
#: make check                every test (installs what it needs)
#: make check-style | check-sandbox | check-guest
#: make units | run-test_X   builds the unit tests; builds and runs tests/unit/test_X.c
#: make fuzz FUZZER=X SECONDS=N
#: make soak N=1000 SEED=1   the long random tests
#: make bench                build/bench.json       make analyze   gcc's static analyzer
#: make docs | ipc.md | policy.txt   docs/tr181.md, ipc.md, policy.txt, from their tables
#: make device-type          build/device-type.xml, from the rows, for an ACS
#: make defconfig | debug_defconfig | small_defconfig | oldconfig | menuconfig
#: make install DESTDIR=     make format DIR=lib     make clean
#: make deps                 installs the Debian packages that checks and demo need
#:
#: BUILD=dir  CC=clang  SAN=address,undefined  WERROR=1  V=1  PREFIX=/usr
#: CFLAGS, LDFLAGS come behind ours

FORCE:
.PHONY: docs device-type ipc.md all lib units fuzzers sandbox-tests benches fuzz check check-sandbox check-guest \
	check-style soak demo bench analyze deps install format policy.txt clean help FORCE defconfig oldconfig menuconfig

all-objs := $(foreach c,$(components),$(objs-$(c)) $(mains-$(c))) $(sandbox-objs) \
	$(addsuffix .o,$(unit-tests) $(fuzzers) $(benches) $(sandbox-tests))
$(all-objs): $(BUILD)/%.o: %.c $(FLAGS_STAMP) $(CONFIG_MK)
	@mkdir -p $(@D)
	$(say) CC $*.o
	$(Q)$(compile) $(if $(filter tests/%,$*),$(test-cflags)) $(cflags-$(notdir $@)) -MMD -MP -c -o $@ $<

-include $(all-objs:.o=.d)

endif
