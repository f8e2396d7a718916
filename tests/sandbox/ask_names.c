/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask_names UID NAME...: has the dialer's resolver, in its sandbox, resolve each name, and prints
 * "NAME STATUS COUNT" lines; "NAME dead" when the resolver did not survive the question.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/dialer/resolver.h"

int main(int argc, char **argv)
{
	struct resolver_answer answer;
	int fd, i;
	uid_t uid;

	if (argc < 3)
		return 2;
	uid = (uid_t)strtoul(argv[1], NULL, 10);
	fd = resolver_start(uid, uid);
	if (fd < 0)
		return 1;
	for (i = 2; i < argc; i++) {
		struct resolver_ask ask = { .id = (uint32_t)i };

		(void)snprintf(ask.host, sizeof(ask.host), "%s", argv[i]);
		if (send(fd, &ask, sizeof(ask), MSG_NOSIGNAL) != sizeof(ask) ||
		    recv(fd, &answer, sizeof(answer), 0) != sizeof(answer)) {
			printf("%s dead\n", argv[i]);
			return 1;
		}
		printf("%s %d %u\n", argv[i], answer.status, answer.count);
		fflush(stdout);
	}
	return 0;
}
