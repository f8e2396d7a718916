/* SPDX-License-Identifier: Apache-2.0 */
/* The ACS that DHCP names (TR-069 A6 3.1): read at start, when the DHCP client's hook has written
 * anew, and when a session has failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/client_parts.h"
#include "agent/discovery.h"
#include "agent/store.h"
#include "agent/tree/tree.h"
#include "lib/audit.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define MS_PATH "Device.ManagementServer."
/* What DHCP has told last. What it tells again is no news: the ACS may have changed it since. */
#define KEY "@dhcp."
#define KEY_URL KEY "url"
/* The first ACS that answered was one of DHCP's. */
#define KEY_FOUND KEY "found"
/* What DHCP named, and never answered, while the factory layer's URL has its turn. */
#define KEY_DEAD KEY "dead"

static bool kept(const struct client *c, const char *key, const char *value)
{
	const char *text = store_get(c->agent->store, key, NULL);

	return text && !strcmp(text, value);
}

/*
 * May DHCP choose the ACS? When nobody else has: no URL, or the one that DHCP had chosen, or that
 * of the factory layer while no ACS has ever answered. A URL that the ACS set stays, unless that
 * ACS is lost and it was DHCP that led to the first one (TR-069 A6 3.1: re-discovery).
 */
static bool may_choose(const struct client *c, bool lost)
{
	const struct store *store = c->agent->store;
	const char *url = ms_settings(c->agent->dm)->url;

	if (!*url || kept(c, KEY_URL, url) || (lost && store_has(store, KEY_FOUND)))
		return true;
	return !store_has(store, MS_PATH "URL") && !store_has(store, CLIENT_KEY_BOOTSTRAP);
}

/* Only root may say where the box reports to: whoever else can write there is not believed. */
static int read_root_file(const char *path, struct buf *out)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	char chunk[2048];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_put(out, chunk, (size_t)n);
	if (n < 0)
		return -errno;
	return out->failed ? -EFBIG : 0;
}

static enum dm_error stage(struct client *c, struct dm_txn **txn, const char *path,
			   const char *value)
{
	*txn = dm_begin(c->agent->dm, DM_BY_SELF);
	return *txn ? dm_stage(*txn, path, DM_ANY, value, strlen(value)) : DM_ERESOURCES;
}

/* One save for the value and for the note of where it came from. */
static void put_noted(struct client *c, const char *path, const char *value, const char *key,
		      const char *note)
{
	struct store *store = c->agent->store;
	struct dm_faults faults = { 0 };
	struct dm_txn *txn;
	enum dm_error e;

	e = stage(c, &txn, path, value);
	if (!txn)
		return;
	if (!e && store_set(store, key, note, strlen(note)))
		e = DM_ERESOURCES;
	if (!e)
		e = dm_commit(txn, &faults);
	else
		dm_abort(txn);
	if (e) {
		store_revert(store);
		audit("dhcp", AUDIT_REFUSED, "parameter", path, "value", value, "reason",
		      faults.n ? faults.v[0].text : dm_error_name(e));
	} else {
		audit("dhcp", AUDIT_DONE, "parameter", path, "value", value);
	}
	dm_faults_free(&faults);
}

static void put(struct client *c, const char *key, const char *path, const char *value)
{
	if (!kept(c, key, value))
		put_noted(c, path, value, key, value);
}

static void put_number(struct client *c, const char *key, const char *path, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (value)
		put(c, key, path, text);
}

static void apply(struct client *c, const struct discovery *d)
{
	struct dm_txn *txn;
	enum dm_error e = stage(c, &txn, MS_PATH "URL", d->url);

	if (txn)
		dm_abort(txn);
	if (e) {
		audit("dhcp", AUDIT_REFUSED, "parameter", MS_PATH "URL", "value", d->url, "reason",
		      "no URL that may be the ACS's");
		return;
	}
	/* The URL last: 0 BOOTSTRAP stands for all that was before. */
	if (*d->code)
		put(c, KEY "code", "Device.DeviceInfo.ProvisioningCode", d->code);
	put_number(c, KEY "wait", MS_PATH "CWMPRetryMinimumWaitInterval", d->retry_wait);
	put_number(c, KEY "multiplier", MS_PATH "CWMPRetryIntervalMultiplier", d->retry_multiplier);
	if (strcmp(d->url, ms_settings(c->agent->dm)->url))
		(void)store_del(c->agent->store, KEY_URL);
	(void)store_del(c->agent->store, KEY_DEAD);
	put(c, KEY_URL, MS_PATH "URL", d->url);
}

static bool look_at(struct client *c, const char *path, bool lost)
{
	static struct discovery found;
	_cleanup_buf_ struct buf text = BUF_INIT(DISCOVERY_FILE_MAX);
	int r = read_root_file(path, &text);

	if (r && r != -ENOENT)
		audit("dhcp", AUDIT_REFUSED, "file", path, "reason",
		      r == -EPERM ? "not a file that only root may write" : strerror(-r));
	if (r)
		return false;
	r = discovery_parse(&found, buf_str(&text), text.len);
	if (r == -EBADMSG)
		audit("dhcp", AUDIT_REFUSED, "file", path, "reason", "malformed options");
	if (r)
		return false;
	if (kept(c, KEY_DEAD, found.url))
		log_debug("DHCP names %s, which does not answer", found.url);
	else if (may_choose(c, lost))
		apply(c, &found);
	else
		log_debug("DHCP names %s, but the ACS is known", found.url);
	return true;
}

static void look(struct client *c, bool lost)
{
	char path[256];

	if (!*c->agent->set.discovery_file)
		return;
	/* The hooks of DHCPv4 and DHCPv6 write a file each, so that they need no lock. */
	if (look_at(c, c->agent->set.discovery_file, lost))
		return;
	if ((size_t)snprintf(path, sizeof(path), "%s6", c->agent->set.discovery_file) <
	    sizeof(path))
		(void)look_at(c, path, lost);
}

/*
 * Whoever answers DHCP must not be able to cut a new box off from the ACS of its factory layer: as
 * long as none has ever answered, the two have turns.
 */
static void change_turns(struct client *c)
{
	const struct store *store = c->agent->store;
	const char *url = ms_settings(c->agent->dm)->url;
	const char *own = store_factory(store, MS_PATH "URL", NULL);
	char dead[CWMP_URL_MAX + 1];

	if (!own || !*own || store_has(store, CLIENT_KEY_BOOTSTRAP))
		return;
	if (store_has(store, KEY_DEAD)) {
		(void)store_del(c->agent->store, KEY_DEAD);
	} else if (kept(c, KEY_URL, url) && strcmp(own, url)) {
		snprintf(dead, sizeof(dead), "%s", url);
		put_noted(c, MS_PATH "URL", own, KEY_DEAD, dead);
	}
}

void client_discovery_failed(struct client *c, bool contacted)
{
	bool lost = !contacted && c->schedule.failures &&
		    c->schedule.failures % DISCOVERY_PATIENCE == 0;

	if (lost)
		change_turns(c);
	look(c, lost);
}

void client_discovery_answered(struct client *c)
{
	if (!store_has(c->agent->store, CLIENT_KEY_BOOTSTRAP) && kept(c, KEY_URL, c->url))
		(void)store_set(c->agent->store, KEY_FOUND, "1", 1);
}

static void written(void *arg, int fd, uint32_t events)
{
	struct client *c = arg;
	char room[1024];

	if (read(fd, room, sizeof(room)) > 0)
		look(c, false);
}

void client_discovery_start(struct client *c)
{
	int fd = c->agent->discovery_fd;

	if (fd >= 0 && loop_io_add(&c->agent->loop, &c->discovery, fd, EPOLLIN, written, c))
		log_err("cannot watch %s", c->agent->set.discovery_file);
	look(c, false);
}

int client_discovery_watch(const char *folder)
{
	_cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, folder, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return -errno;
	return take_fd(&fd);
}
