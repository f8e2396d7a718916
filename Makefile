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
.PRECIOUS: %.o
.DELETE_ON_ERROR:

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

all:

# ---- configuration -------------------------------------------------------------------------

no-config-goals := clean distclean help deps tidy format %_defconfig defconfig
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

# ---- components ----------------------------------------------------------------------------

COMPONENTS ?= lib ipc nl80211 firmware seccomp agent helper ctl
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

# ---- flags ---------------------------------------------------------------------------------

optimize := $(if $(CONFIG_DEBUG),-Og,$(if $(CONFIG_OPTIMIZE_SIZE),-Os,-O2))
CSTD := -std=gnu11
CPPFLAGS_ALL := -I. -I$(BUILD)/include -D_GNU_SOURCE
# Paths of the build machine are kept out of the objects: two builds are the same, bit for bit.
CFLAGS_ALL := $(CSTD) $(optimize) -g -fno-omit-frame-pointer -ffile-prefix-map=$(CURDIR)/= \
	$(WARN_CFLAGS) $(HARDEN_CFLAGS)
LDFLAGS_ALL := $(HARDEN_LDFLAGS)

ifneq ($(SAN),)
# The sanitizers load and map at run time, and bring their own checks of the library calls.
san-flags := -fsanitize=$(SAN) -fno-sanitize-recover=all
CPPFLAGS_ALL += -DSAN -U_FORTIFY_SOURCE
CFLAGS_ALL := $(filter-out -Wframe-larger-than=% -Wstack-usage=%,$(CFLAGS_ALL)) $(san-flags)
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
compile = $(CC) $(CPPFLAGS_ALL) $(CPPFLAGS) $(CFLAGS_ALL) $(CFLAGS) $(lib-cflags)
link = $(CC) $(CFLAGS_ALL) $(CFLAGS) $(LDFLAGS_ALL) $(LDFLAGS)

agent-libs = $(NL_LIBS) $(MNL_LIBS) $(XML_LIBS) $(CURL_LIBS) $(SSL_LIBS) $(SECCOMP_LIBS) $(CAP_LIBS)
helper-libs = $(NL_LIBS) $(CAP_LIBS) $(SECCOMP_LIBS)
ctl-libs =

# A change of compiler or flags rebuilds; so does one of the configuration (config.h is included
# by few, and the fragments decide what is in an archive).
FLAGS_STAMP := $(BUILD)/include/flags.stamp
$(FLAGS_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(compile) $(link)' | cmp -s - $@ || echo '$(compile) $(link)' > $@

# ---- rules ---------------------------------------------------------------------------------

$(BUILD)/%.o: %.c $(FLAGS_STAMP) $(CONFIG_MK)
	@mkdir -p $(@D)
	$(say) CC $*.o
	$(Q)$(compile) $(cflags-$(notdir $@)) -MMD -MP -c -o $@ $<

%/built-in.a: $(FLAGS_STAMP) $(CONFIG_MK)
	@mkdir -p $(@D)
	$(say) AR $(patsubst $(BUILD)/%,%,$@)
	@rm -f $@
	$(Q)$(AR) qcsD $@ $(filter %.o,$^)

# Which archives and libraries a program may use: this is the list.
agent-archives := $(call archives,agent ipc nl80211 seccomp lib)
helper-archives := $(call archives,helper firmware nl80211 ipc seccomp lib)
ctl-archives := $(call archives,ctl lib)

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

all: $(programs)
lib: $(call archive,lib)

# ---- tests ---------------------------------------------------------------------------------

all-archives := $(call archives,$(components))
test-libs = $(agent-libs) $(CMOCKA_LIBS)
unit-tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(all-archives)
	$(say) LD $(patsubst $(BUILD)/%,%,$@)
	$(Q)$(link) -o $@ $< -Wl,--start-group $(all-archives) -Wl,--end-group $(test-libs)

units: $(unit-tests)
# make run-test_buf: builds and runs one
run-test_%: $(BUILD)/tests/unit/test_%
	$<

clean:
	rm -rf $(BUILD)/* $(BUILD)/.config
	-@rmdir $(BUILD) 2> /dev/null

FORCE:
.PHONY: all lib units clean FORCE defconfig oldconfig menuconfig

-include $(patsubst %.o,%.d,$(foreach c,$(components),$(objs-$(c)) $(mains-$(c))))
-include $(addsuffix .d,$(unit-tests) $(fuzzers))
