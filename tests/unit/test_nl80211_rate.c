/* SPDX-License-Identifier: Apache-2.0 */
/* The highest PHY rate, against IEEE 802.11's own tables (19-27 to 19-38, 21-29 on, 27-111 on). */
#include "tests/unit/unit.h"

#include "nl80211/wiphy.h"

#define NONE 0xffff
#define STREAMS_2(code) ((uint16_t)(0xfff0 | (code) << 2 | (code)))

static struct nl_wiphy w;

static uint32_t best(enum nl_band_id band)
{
	return nl_max_kbps(&w, band);
}

static struct nl_band *fresh(enum nl_band_id band)
{
	w = (struct nl_wiphy){ 0 };
	w.bands[band] = (struct nl_band){ .present = true, .ofdm = true };
	return &w.bands[band];
}

static void nl_rate_of_old_radios(void **state)
{
	struct nl_band *b = fresh(NL_BAND_2G4);

	assert_int_equal(best(NL_BAND_2G4), 54000);
	b->ofdm = false;
	b->dsss = true;
	assert_int_equal(best(NL_BAND_2G4), 11000);
	assert_int_equal(best(NL_BAND_5G), 0);
}

static void nl_rate_of_ht(void **state)
{
	struct nl_band *b = fresh(NL_BAND_2G4);

	b->ht = true;
	b->ht_streams = 1;
	assert_int_equal(best(NL_BAND_2G4), 65000);
	b->ht_capa = 0x20; /* short guard interval in 20 MHz */
	assert_int_equal(best(NL_BAND_2G4), 72222);
	b->ht_capa = 0x02; /* 40 MHz */
	assert_int_equal(best(NL_BAND_2G4), 135000);
	b->ht_capa = 0x42;
	b->ht_streams = 4;
	assert_int_equal(best(NL_BAND_2G4), 600000);
}

static void nl_rate_of_vht(void **state)
{
	struct nl_band *b = fresh(NL_BAND_5G);

	b->ht = b->vht = true;
	b->ht_capa = 0x42;
	b->ht_streams = 2;
	b->vht_capa = 0x20;
	b->vht_map = STREAMS_2(2);
	assert_int_equal(best(NL_BAND_5G), 866666);
	b->vht_map = STREAMS_2(1);
	assert_int_equal(best(NL_BAND_5G), 780000);
	b->vht_capa = 0x64; /* 160 MHz */
	b->vht_map = STREAMS_2(2);
	assert_int_equal(best(NL_BAND_5G), 1733333);
	b->vht_map = 0xaaaa; /* eight streams */
	assert_int_equal(best(NL_BAND_5G), 6933333);
	b->vht_map = NONE;
	assert_int_equal(best(NL_BAND_5G), 300000);
}

static void nl_rate_of_he(void **state)
{
	struct nl_band *b = fresh(NL_BAND_6G);

	b->he = true;
	b->he_phy0 = 0x0c; /* 40, 80 and 160 MHz */
	b->he_map80 = b->he_map160 = STREAMS_2(2);
	assert_int_equal(best(NL_BAND_6G), 2401960);
	b->he_map160 = NONE;
	assert_int_equal(best(NL_BAND_6G), 1200980);
	b->he_map80 = STREAMS_2(0);
	assert_int_equal(best(NL_BAND_6G), 720588);
	b->he_phy0 = 0;
	b->he_map80 = STREAMS_2(2);
	assert_int_equal(best(NL_BAND_6G), 286764);
	b->he_map80 = NONE;
	assert_int_equal(best(NL_BAND_6G), 54000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nl_rate_of_old_radios),
		UNIT(nl_rate_of_ht),
		UNIT(nl_rate_of_vht),
		UNIT(nl_rate_of_he),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
