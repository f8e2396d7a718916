/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

#define ID_MAX 0xfffffffeU /* (uid_t)-1 means "do not change" to setresuid(2) */

static FILE *open_db(const char *path)
{
	return fopen(path, "re");
}

static bool is_number(const char *name, int *error, uint64_t *id)
{
	if (name[0] < '0' || name[0] > '9')
		return false;
	*error = num_parse_u64(name, strlen(name), ID_MAX, id);
	return true;
}

int user_lookup(const char *name, uid_t *uid, gid_t *gid)
{
	int error = -ENOENT;
	uint64_t id = 0;
	bool number = is_number(name, &error, &id);
	const struct passwd *pw;
	FILE *f;

	if (!*name || (number && error))
		return -EINVAL;
	if (number) {
		*uid = (uid_t)id;
		*gid = (gid_t)id;
	}
	f = open_db("/etc/passwd");
	if (!f)
		return number ? 0 : -errno;
	while ((pw = fgetpwent(f)) != NULL) {
		if (number ? pw->pw_uid != (uid_t)id : strcmp(pw->pw_name, name) != 0)
			continue;
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
		error = 0;
		break;
	}
	fclose(f);
	return number ? 0 : error;
}

int group_lookup(const char *name, gid_t *gid)
{
	int error = -ENOENT;
	uint64_t id = 0;
	const struct group *gr;
	FILE *f;

	if (!*name)
		return -EINVAL;
	if (is_number(name, &error, &id)) {
		if (error)
			return -EINVAL;
		*gid = (gid_t)id;
		return 0;
	}
	f = open_db("/etc/group");
	if (!f)
		return -errno;
	while ((gr = fgetgrent(f)) != NULL) {
		if (strcmp(gr->gr_name, name) != 0)
			continue;
		*gid = gr->gr_gid;
		error = 0;
		break;
	}
	fclose(f);
	return error;
}
