/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/clock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

#include "lib/num.h"

uint64_t clock_mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t clock_boot_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t clock_wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

int64_t clock_wall_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

bool clock_synced(void)
{
	static bool once;
	struct timex t = { .modes = 0 };

	/* Half a day without a time server sets STA_UNSYNC again, but the clock goes on: who keeps
	 * the server away must not get certificates past their dates. */
	once = once || (adjtimex(&t) != -1 && !(t.status & STA_UNSYNC));
	return once;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar, and back, by eras of 400 years. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t days, int64_t *y, int *m, int *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = yoe + era * 400 + (*m <= 2);
}

int clock_format(char out[CLOCK_TEXT_MAX], int64_t wall)
{
	int64_t days = wall / 86400, rest = wall % 86400, y;
	int m, d;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	if (days < days_from_civil(1, 1, 1) || days > days_from_civil(9999, 12, 31))
		return -ERANGE;
	civil_from_days(days, &y, &m, &d);
	snprintf(out, CLOCK_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned int)y % 10000,
		 (unsigned int)m % 100, (unsigned int)d % 100, (unsigned int)(rest / 3600) % 100,
		 (unsigned int)(rest / 60 % 60), (unsigned int)(rest % 60));
	return 0;
}

static bool field(const char *s, size_t n, size_t at, size_t width, uint64_t max, int64_t *out)
{
	uint64_t v;

	if (at + width > n || num_parse_u64(s + at, width, max, &v))
		return false;
	*out = (int64_t)v;
	return true;
}

static bool parse_zone(const char *s, size_t n, int64_t *offset)
{
	int64_t h, m;

	*offset = 0;
	if (!n || (n == 1 && s[0] == 'Z'))
		return true;
	if (n != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':' || !field(s, n, 1, 2, 14, &h) ||
	    !field(s, n, 4, 2, 59, &m) || (h == 14 && m))
		return false;
	*offset = (h * 60 + m) * (s[0] == '-' ? -60 : 60);
	return true;
}

int clock_parse(const char *s, size_t n, int64_t *wall)
{
	static const int month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t y, mon, d, h, min, sec, offset;
	bool leap;
	size_t at = 19;

	if (n < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':')
		return -EINVAL;
	if (!field(s, n, 0, 4, 9999, &y) || !field(s, n, 5, 2, 12, &mon) ||
	    !field(s, n, 8, 2, 31, &d) || !field(s, n, 11, 2, 23, &h) ||
	    !field(s, n, 14, 2, 59, &min) || !field(s, n, 17, 2, 59, &sec))
		return -EINVAL;
	if (!y || !mon || !d || d > month_days[mon - 1])
		return -EINVAL;
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (mon == 2 && d == 29 && !leap)
		return -EINVAL;
	if (at < n && s[at] == '.') {
		size_t first = ++at;

		while (at < n && s[at] >= '0' && s[at] <= '9')
			at++;
		if (at == first)
			return -EINVAL;
	}
	if (!parse_zone(s + at, n - at, &offset))
		return -EINVAL;
	*wall = days_from_civil(y, (int)mon, (int)d) * 86400 + h * 3600 + min * 60 + sec - offset;
	return 0;
}
