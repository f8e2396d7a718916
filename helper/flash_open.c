/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "helper/flash.h"
#include "lib/cleanup.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "seccomp/sandbox.h"

static const char *const slot_keys[SLOTS] = { "flash.slot_a", "flash.slot_b" };

/* "DEVICE OFFSET SIZE [SECTOR [SECTORS]]", as in fw_env.config: SIZE is of the environment, and
 * SECTORS of SECTOR bytes are its area, bad blocks and all; without them just what it needs. */
struct env_place {
	char device[64];
	unsigned long offset, size, sector, sectors;
};

static const char *const running_keys[SLOTS] = { "flash.running_a", "flash.running_b" };
static const char *const running_words[SLOTS] = { "sallyport.slot=a", "sallyport.slot=b" };

static int env_place(const struct conf *conf, const char *key, struct env_place *p)
{
	const char *text = conf_str(conf, key, "");
	int end = 0, n;

	*p = (struct env_place){ 0 };
	n = sscanf(text, "%63s %li%n %li%n %li%n %li%n", p->device, (long *)&p->offset, &end,
		   (long *)&p->size, &end, (long *)&p->sector, &end, (long *)&p->sectors, &end);
	if (n < 3 || text[end] || p->size <= ENV_HEAD_BYTES + 1 || p->size > ENV_BYTES_MAX ||
	    p->sector > INT_MAX || p->sectors > INT_MAX) {
		log_err("%s: a device, an offset and a size, as in fw_env.config", key);
		return -EINVAL;
	}
	return 0;
}

static int open_env(struct mtd *mtd, const struct env_place *p)
{
	uint64_t area;
	int r = mtd_open(mtd, p->device, true);

	if (!r) {
		area = (p->size + mtd->flash.block - 1) / mtd->flash.block * mtd->flash.block;
		if ((uint64_t)p->sector * p->sectors > area)
			area = (uint64_t)p->sector * p->sectors;
		r = mtd_slice(mtd, p->offset, area);
	}
	if (r)
		log_err("environment in %s at %#lx: %s", p->device, p->offset, strerror(-r));
	return r;
}

/* Of two that share an erase block, one would be lost with the other. */
static int check_apart(const struct mtd *a, const struct mtd *b, const char *which)
{
	struct stat of_a, of_b;

	if (fstat(a->fd, &of_a) || fstat(b->fd, &of_b))
		return -errno;
	if (of_a.st_rdev != of_b.st_rdev || a->base >= b->base + b->flash.size ||
	    b->base >= a->base + a->flash.size)
		return 0;
	log_err("%s: two names of one place", which);
	return -EINVAL;
}

static int open_envs(struct flash_role *f, const struct conf *conf, size_t *size)
{
	struct env_place p[2];
	const char *scheme = conf_str(conf, "flash.env_scheme", "counting");
	int r;

	if ((r = env_place(conf, "flash.env", &p[0])) ||
	    (r = env_place(conf, "flash.env_redundant", &p[1])))
		return r;
	if (p[0].size != p[1].size || (strcmp(scheme, "counting") && strcmp(scheme, "marking"))) {
		log_err("flash.env: two copies of one size, flash.env_scheme counting or marking");
		return -EINVAL;
	}
	*size = p[0].size;
	f->bootenv.scheme = strcmp(scheme, "marking") ? ENV_COUNTING : ENV_MARKING;
	for (int i = 0; i < 2; i++) {
		if ((r = open_env(&f->env[i], &p[i])) ||
		    (r = mtd_number(&f->env[i], SB_FD_ENV + i)))
			return r;
		/* Otherwise U-Boot takes the older copy for the newer: no boot would be counted. */
		if (f->env[i].scheme >= 0 && f->env[i].scheme != (int)f->bootenv.scheme) {
			log_err("flash.env_scheme: %s is not how it is done in %s", scheme,
				p[i].device);
			return -EINVAL;
		}
		f->bootenv.copy[i] = f->env[i].flash;
	}
	return check_apart(&f->env[0], &f->env[1], "flash.env, flash.env_redundant");
}

/* "key HEX64" or "revoked HEX16", a line each, with # comments. */
static int read_key_line(struct flash_role *f, const char *line)
{
	char word[16], hex[2 * FW_PUBLIC_BYTES + 1];
	uint8_t raw[FW_PUBLIC_BYTES];

	if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#')
		return 0;
	if (sscanf(line, "%15s %64s", word, hex) != 2)
		return -EINVAL;
	if (hex_decode(raw, hex, strlen(hex)))
		return -EINVAL;
	if (!strcmp(word, "key") && strlen(hex) == 2 * FW_PUBLIC_BYTES)
		return fw_keyring_add(&f->keys, raw);
	if (!strcmp(word, "revoked") && strlen(hex) == 2 * FW_KEY_ID_BYTES)
		return fw_keyring_revoke(&f->keys, raw);
	return -EINVAL;
}

static int read_keys(struct flash_role *f, const char *path)
{
	char line[128];
	int r = 0, number = 0;
	FILE *file = fopen(path, "re");

	if (!file) {
		r = -errno;
		log_err("%s: %s", path, strerror(errno));
		return r;
	}
	while (!r && fgets(line, sizeof(line), file)) {
		number++;
		r = read_key_line(f, line);
	}
	(void)fclose(file);
	if (r)
		log_err("%s:%d: no key of ours: %s", path, number, strerror(-r));
	else if (!f->keys.keys)
		log_err("%s: there is no key in it", path);
	return r ? r : (f->keys.keys ? 0 : -ENOENT);
}

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = line; n && (p = strstr(p, word)); p += n)
		if ((p == line || p[-1] == ' ') && (!p[n] || p[n] == ' ' || p[n] == '\n'))
			return true;
	return false;
}

/* The environment says what boots next. What this kernel came from, and what must not be written
 * whatever happens, only its command line says. */
static int find_running(struct flash_role *f, const struct conf *conf)
{
	_cleanup_close_ int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	char line[2049]; /* x86 and arm take 2048 and less; a longer one is cut, and says nothing */
	bool is[SLOTS];
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (n < 0) {
		n = -errno;
		log_err("/proc/cmdline: %s", strerror(errno));
		return (int)n;
	}
	line[n] = '\0';
	for (int i = 0; i < SLOTS; i++)
		is[i] = has_word(line, conf_str(conf, running_keys[i], running_words[i]));
	if (is[SLOT_A] == is[SLOT_B]) {
		log_err("the kernel's command line does not say which slot runs (flash.running_a, "
			"flash.running_b)");
		return -ENODEV;
	}
	f->update.running = is[SLOT_A] ? SLOT_A : SLOT_B;
	return 0;
}

/* Only the slot that does not run is opened: the other is out of reach, whatever happens. */
static int open_slot(struct flash_role *f, const struct conf *conf)
{
	struct slots slots;
	enum slot_id running, inactive;
	int r = bootenv_load(&f->bootenv);

	/* Nothing can be updated then, and that is no reason for a box that nobody manages. */
	if (r || (r = slots_read(&slots, &f->bootenv.env)))
		log_err("the boot loader's environment names no slot (sp_slot): %s", strerror(-r));
	if ((r = find_running(f, conf)))
		return r;
	running = f->update.running;
	inactive = slot_other(running);
	if ((r = mtd_open(&f->slot, conf_str(conf, slot_keys[inactive], ""), true)) ||
	    (r = mtd_number(&f->slot, SB_FD_SLOT))) {
		log_err("%s: %s", slot_keys[inactive], strerror(-r));
		return r;
	}
	for (int i = 0; i < 2; i++)
		if ((r = check_apart(&f->slot, &f->env[i], slot_keys[inactive])))
			return r;
	f->update.slot[inactive] = f->slot.flash;
	f->update.slot[running] = (struct flash){ 0 };
	log_info("flash: slot %c runs, slot %c can be written", running == SLOT_A ? 'a' : 'b',
		 inactive == SLOT_A ? 'a' : 'b');
	return 0;
}

/* What an image on trial has to show. */
static int read_rules(struct trial_rules *rules, const struct conf *conf)
{
	const char *wanted = conf_str(conf, "flash.confirm", "session");
	long health = conf_int(conf, "flash.health_s", FLASH_HEALTH_S, 1, 86400);
	long settle = conf_int(conf, "flash.settle_s", FLASH_SETTLE_S, 0, 86400);
	long silence = conf_int(conf, "flash.silence_s", TRIAL_SILENCE_MIN_S, 0, INT_MAX);

	if (health == LONG_MIN || settle == LONG_MIN || silence == LONG_MIN)
		return -EINVAL;
	if ((strcmp(wanted, "health") && strcmp(wanted, "session")) || settle >= health) {
		log_err("flash.confirm: health or session; flash.settle_s is under flash.health_s");
		return -EINVAL;
	}
	if (silence && silence < (long)TRIAL_SILENCE_MIN_S) {
		log_err("flash.silence_s: 0, or %u and more: an ACS that is down for an evening "
			"must not turn a fleet back",
			TRIAL_SILENCE_MIN_S);
		return -EINVAL;
	}
	*rules = (struct trial_rules){ .managed = !strcmp(wanted, "session"),
				       .settle_s = (uint32_t)settle,
				       .health_s = (uint32_t)health,
				       .silence_s = (uint32_t)silence };
	return 0;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The larger erase block of the two slots, which are two. */
static int look_at_slots(const struct conf *conf, size_t *block)
{
	struct mtd probe[SLOTS] = { { .fd = -1 }, { .fd = -1 } };
	int r = 0;

	for (int i = 0; i < SLOTS && !r; i++) {
		if ((r = mtd_open(&probe[i], conf_str(conf, slot_keys[i], ""), false)))
			log_err("%s: %s", slot_keys[i], strerror(-r));
		*block = larger(*block, probe[i].flash.block);
	}
	if (!r)
		r = check_apart(&probe[SLOT_A], &probe[SLOT_B], "flash.slot_a, flash.slot_b");
	mtd_close(&probe[SLOT_A]);
	mtd_close(&probe[SLOT_B]);
	return r;
}

/* One piece, before the sandbox: the size of an image changes nothing about it. */
static int make_room(struct flash_role *f, const struct conf *conf, size_t env)
{
	size_t block = larger(f->env[0].flash.block, f->env[1].flash.block);
	size_t head = FW_MANIFEST_MAX + FW_SIGNED_BYTES;
	uint8_t *p;
	int r;

	if ((r = look_at_slots(conf, &block)))
		return r;
	block = larger(block, env);
	f->memory = p = calloc(1, head + FW_CHUNK_MAX + env + 3 * block);
	if (!p)
		return -ENOMEM;
	f->signed_manifest = p;
	f->chunk = p + head;
	f->bootenv.env = (struct env){ p + head + FW_CHUNK_MAX, env };
	f->bootenv.scratch = f->bootenv.env.bytes + env;
	f->update.block = f->bootenv.scratch + block;
	f->update.scratch = f->update.block + block;
	return 0;
}

static void close_all(struct flash_role *f)
{
	mtd_close(&f->slot);
	mtd_close(&f->env[0]);
	mtd_close(&f->env[1]);
	free(f->memory);
	f->memory = NULL;
}

int flash_open_all(struct flash_role *f, const struct conf *conf)
{
	const char *model = conf_str(conf, "flash.model", "");
	long jump = conf_int(conf, "flash.jump_max", FLASH_JUMP_MAX, 1, INT_MAX);
	size_t env = 0;
	int r;

	f->slot.fd = f->env[0].fd = f->env[1].fd = -1;
	if (jump == LONG_MIN || !*model || strlen(model) >= sizeof(f->model)) {
		log_err("flash.model: the hardware model as in the images, up to 63 characters");
		return -EINVAL;
	}
	memcpy(f->model, model, strlen(model) + 1);
	f->update.keys = &f->keys;
	f->update.model = f->model;
	f->update.jump_max = (uint32_t)jump;
	f->update.bootenv = &f->bootenv;
	if ((r = read_rules(&f->trial.rules, conf)) ||
	    (r = read_keys(f, conf_str(conf, "flash.keys", "/etc/sallyport/firmware.keys"))) ||
	    (r = open_envs(f, conf, &env)) || (r = make_room(f, conf, env)) ||
	    (r = open_slot(f, conf)))
		close_all(f);
	return r;
}
