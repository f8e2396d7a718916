/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of Device.WiFi. */
#pragma once

#include "agent/kernel/wifi.h"
#include "agent/loop.h"
#include "agent/tree/rows.h"
#include "agent/tr181/wifi.h"
#include "ipc/radio.h"
#include "ipc/station.h"
#include "wifi/plan.h"

#define WIFI_STATIONS_MAX 2007		 /* association identifiers, IEEE 802.11 9.4.1.8 */
#define WIFI_BRIDGE "X_SALLYPORT_Bridge" /* of an SSID: one of radio.bridges */
#define WIFI_BSS_MAX (RADIO_MAX * RADIO_BSS_MAX)

/* A plan as it is sent, and which row each of its parts comes from. */
struct wifi_plan {
	struct plan_begin begin;
	struct plan_radio radio[RADIO_MAX];
	struct plan_bss bss[WIFI_BSS_MAX];
	struct dm_inst *radio_row[RADIO_MAX];
	struct dm_inst *ssid_row[WIFI_BSS_MAX];
	struct dm_inst *ap_row[WIFI_BSS_MAX];
};

struct wifi {
	struct dm *dm;
	struct wifi_reader *reader;
	struct priv *priv;
	uint64_t looked; /* dm_rpc() of the last look at the kernel + 1; 0: look again */
	bool sent;	 /* `now` is what the radio role last took */
	struct wifi_plan now, next;
	struct {
		bool sent; /* `now` is what the station role last took */
		bool was_sent;
		struct station_plan now, next, before; /* before the last transaction */
		bool held[STATION_MAX]; /* wpa_supplicant has this station's network */
	} station;
	const char *bridges; /* sallyport.conf's radio.bridges */
	struct loop *loop;
	struct loop_timer timer;
	struct loop_io io;	  /* events of nl80211 */
	struct loop_timer settle; /* one look for a burst of them */
	unsigned int heard;
	wifi_scan_fn on_scan; /* NULL: nobody */
	void *on_scan_arg;
	struct loop_timer choose;	 /* wifi_auto.c */
	uint32_t scanned[NL_WIPHYS_MAX]; /* whose scans have ended, and were not looked at yet */
	uint32_t nscanned;
};

/* Whether a driver tells how busy its channels are. Some do only once they have scanned. */
enum wifi_survey { WIFI_SURVEY_UNKNOWN, WIFI_SURVEY_GIVEN, WIFI_SURVEY_NONE };

/* data of a Radio row */
struct wifi_radio_row {
	uint32_t wiphy; /* index in the kernel, this time */
	uint8_t survey; /* enum wifi_survey */
	uint64_t asked; /* dm_rpc() + 1 of the last look for one */
	struct {
		uint64_t at; /* ms, of the last scan; 0: none yet */
		uint8_t channels[NL_BANDS][256 / 8];
	} heard;
	/* wifi_auto.c */
	enum { AUTO_OFF, AUTO_SCANS, AUTO_CHOSEN } choice;
	enum nl_band_id chosen_in;
	uint64_t since; /* ms */
};

/* data of an SSID row: its BSS on the radio */
struct wifi_ssid_row {
	int slot; /* -1: none yet */
	uint32_t wiphy;
};

/* The family's state, with the kernel's view no older than this RPC. */
struct wifi *wifi_of(const struct dm_inst *);
void wifi_look(struct wifi *, bool again);

/* Are there interfaces that no access point may have? */
static inline bool wifi_has_stations(const struct wifi *w)
{
	return w->reader->stations && *w->reader->stations;
}

/* wifi_events.c. From wifi_start(): needs w->loop. */
void wifi_events_start(struct wifi *);
void wifi_events_stop(struct wifi *);
/* Something may be another than it was: what is watched is compared soon. */
void wifi_heard(struct wifi *);

/* Rows and what they refer to; NULL when there is no such thing now. */
struct dm_inst *wifi_ssid_radio(const struct dm_inst *ssid); /* SSID.LowerLayers */
struct dm_inst *wifi_ap_ssid(const struct dm_inst *ap);	     /* AccessPoint.SSIDReference */
struct dm_inst *wifi_ap_of_ssid(const struct wifi *, const struct dm_inst *ssid);
struct dm_inst *wifi_ap_security_of(const struct dm_inst *ap);
const struct nl_wiphy *wifi_wiphy(const struct wifi *, const struct dm_inst *radio);
/* The interface that is (or would be) the SSID's BSS. name may be NULL. */
const struct nl_iface *wifi_ssid_iface(const struct wifi *, const struct dm_inst *ssid,
				       char name[NL_IFNAME_MAX]);
/* Is it on the air as the row says? */
bool wifi_ssid_is_up(const struct wifi *, const struct dm_inst *ssid);

/* Is everything there that makes a BSS of these rows? */
bool wifi_bss_wanted(const struct wifi *, const struct dm_inst *ssid, const struct dm_inst *ap);
/* What an enabled AccessPoint lacks, as Security goes: NULL nothing, else the parameter's name. */
const char *wifi_security_lacks(const struct dm_inst *security);

/* A radio's settings, with what nobody set filled in from what the radio can do now. */
struct wifi_settings {
	bool enable;
	enum nl_band_id band;	/* NL_BANDS: it has none that can be used */
	unsigned int channel;	/* 0: none */
	unsigned int width;	/* MHz */
	int32_t power_mbm;	/* 0: as much as is allowed */
	unsigned int standards; /* enum radio_standard; 0: all */
	enum radio_extension extension;
	unsigned int retry; /* 0: the driver's */
	bool radar; /* IEEE 802.11h: channels may be used where radar has to be looked for */
};
void wifi_radio_settings(const struct dm_inst *radio, const struct nl_wiphy *,
			 struct wifi_settings *);
/* Can it look for radar at all? */
bool wifi_radio_has_11h(const struct nl_wiphy *);
/* The widest that it is to have, on whatever channel of this band. */
unsigned int wifi_radio_widest(const struct dm_inst *radio, const struct nl_wiphy *,
			       enum nl_band_id);
const char *wifi_band_name(enum nl_band_id);
/* The radio, its settings, and (may be NULL) a BSS on the air: all of them share its channel. */
const struct nl_wiphy *wifi_radio_look(const struct dm_inst *radio, struct wifi_settings *,
				       const struct nl_iface **air);
extern const char *const wifi_bands[], *const wifi_widths[], *const wifi_standards[];
/* Is it off the air while it looks for radar? */
bool wifi_radio_listens(const struct wifi *, const struct dm_inst *radio);
unsigned int wifi_standard_bits(const struct dm_inst *radio); /* asked for */
void wifi_put_standards(struct dm_sink *, unsigned int bits);
bool wifi_power_known(int64_t percent);

/* wifi_radio_caps.c: getters of what the radio can do and does */
enum dm_error wifi_radio_get_bands(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_standards(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_possible(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_widths(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_max_ssids(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_max_rate(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_power(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_max_stations(struct dm_inst *, const struct dm_param *,
					  struct dm_sink *);
/* IEEE 802.11h */
bool wifi_radio_says_radar(const struct dm_inst *);
enum dm_error wifi_radio_get_has_11h(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_11h(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_radar(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_found(struct dm_inst *, const struct dm_param *, struct dm_sink *);
extern const char *const wifi_radar[];
bool wifi_radio_says_max_stations(const struct dm_inst *);
void wifi_put_channel(struct dm_sink *, unsigned int channel); /* an item of a list */

/* wifi_air.c: what is around a radio, as its scans and its driver's survey tell. Getters, and
 * checks of what stands on them. */
enum dm_error wifi_radio_get_in_use(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_get_auto_supported(struct dm_inst *, const struct dm_param *,
					    struct dm_sink *);
enum dm_error wifi_radio_get_auto(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error wifi_radio_check_auto(struct dm_txn *, struct dm_inst *, const struct dm_param *,
				    const char *value, size_t len);
struct autochan;
/* Takes down what a scan of the radio, on the air by this interface, has heard. The choice gets all
 * that it wants to know. 0, -ENODATA: the driver has not measured anything, or -errno. */
int wifi_air_listen(const struct wifi *, struct dm_inst *radio, const struct nl_iface *air,
		    struct autochan *);

/* wifi_auto.c: automatic channel selection. From wifi_start(). */
void wifi_auto_start(struct wifi *);
void wifi_auto_stop(struct wifi *);
/* A scan of this radio has ended: wifi_auto_look() is to be called soon. */
void wifi_auto_scanned(struct wifi *, uint32_t wiphy);
/* Goes on where something has changed; begins and ends within one RPC of the tree. */
void wifi_auto_look(struct wifi *);
/* The same, soon: within a transaction. */
void wifi_auto_look_soon(struct wifi *);

/* wifi_security.c: modes that a radio can do; with NULL those of no radio at all. */
bool wifi_mode_supported(const struct nl_wiphy *, const char *mode, size_t len);
int wifi_mode_security(const char *mode, size_t len); /* enum radio_security, -1 */
extern const char *const wifi_modes[];
enum dm_error wifi_check_passphrase(struct dm_txn *, struct dm_inst *, const struct dm_param *,
				    const char *value, size_t len);
enum dm_error wifi_check_psk(struct dm_txn *, struct dm_inst *, const struct dm_param *,
			     const char *value, size_t len);

/* Sends what shall be if it is another plan than the last. */
int wifi_look_again(struct wifi *);

/* wifi_plan_bss.c: what a mode makes of the rows of a Security object */
uint8_t wifi_mfp(const struct plan_mode *, const struct dm_inst *security);
/* Fills one of them, or none; returns whether it is psk. */
bool wifi_key(const struct plan_mode *, const struct dm_inst *security,
	      char passphrase[RADIO_PASSPHRASE_MAX], uint8_t psk[RADIO_PSK_LEN]);
/* one BSS, but for its radio and slot */
void wifi_plan_bss(const struct wifi *, struct plan_bss *, const struct nl_wiphy *,
		   const struct dm_inst *ssid, const struct dm_inst *ap);

/* wifi_plan.c */
void wifi_plan_build(struct wifi *, struct wifi_plan *, bool standing);
bool wifi_plan_same(const struct wifi_plan *, const struct wifi_plan *);
/* Each BSS by the rules that the radio role has too. */
enum dm_error wifi_plan_check(const struct wifi *, const struct wifi_plan *, struct dm_txn *);
/* 0, or -errno with *done saying why. */
int wifi_plan_send(struct wifi *, const struct wifi_plan *, struct plan_done *done);
/* Blames the parameter that the refusal is about. */
enum dm_error wifi_plan_refused(struct dm_txn *, const struct wifi_plan *, int error,
				const struct plan_done *done);

/* wifi_check.c: what the rows' own constraints can't say, after everything is staged. */
enum dm_error wifi_check(struct wifi *, struct dm_txn *);
/* A passphrase that is written takes the pre-shared key's place. */
enum dm_error wifi_replace_key(struct dm_txn *, struct dm_inst *security);

extern const char *const wifi_if_status[];
void wifi_row_release(struct dm_inst *); /* frees in->data */
