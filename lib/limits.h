/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit, one line each with its reason. Sizes in bytes unless said otherwise. */
#pragma once

/* clang-format off */

/* lib */
#define LOG_LINE_MAX 1024   /* a line of the journal; what a peer can make us write at once */
#define AUDIT_VALUE_MAX 200 /* of a value in an audit line: five of them make a line */
#define AUDIT_PER_MINUTE 30 /* audit lines of one kind that the network can cause; then a count */
#define CONF_FILE_MAX 65536 /* sallyport.conf is a page or two */
#define CONF_LINE_MAX 1024  /* a path (4096 would be no sane setting) or a list of countries */

/* ctl */
#define CTL_CLIENTS_MAX 4        /* somebody at the console and a script or two */
#define CTL_REPLY_MAX (8u << 20) /* the whole tree, some ten thousand values */
#define CTL_IDLE_MS 30000        /* a client that says nothing gives its place to another */
#define CTL_LOG_MAX 32768        /* of the last lines, kept for sallyportctl log */
#define CTL_PACKET_MAX 131072    /* of the socket; a value may have 64 KiB */
#define CTL_PACKET_FULL 32768    /* a packet of the reply is sent off from this size on */

/* agent */
#define DISCOVERY_PATIENCE 5    /* failed sessions in a row, some three minutes: this ACS is lost */
#define DISCOVERY_OCTETS_MAX 4096 /* one DHCP option: long ones come in parts (RFC 3396) */
#define DISCOVERY_FILE_MAX 32768  /* three options in hex with colons */
#define AGENT_ROLE_WAIT_MS 5000 /* helper and agent are started together; the helper dumps radios */
#define AGENT_ROLE_POLL_MS 5      /* between two looks meanwhile */
#define CONFIRM_BYTES_MAX 32768   /* names of the rows that confirm.paths lead to */
#define CONFIRM_AGAIN_S 120       /* of confirm.seconds, when the ACS has just answered */
#define CONFIRM_RETRY_MS 2000     /* what could not be taken back: a little later, doubled up to */
#define CONFIRM_RETRIES 8         /* ... so many times */
#define CLIENT_COMMANDS_MAX 8     /* reboots, and scheduled Informs, that wait at the same time */
#define TRIAL_LOOK_MS 10000       /* between two looks at a new image's health */

/* agent/soap, agent/cwmp */
#define SOAP_BODY_MAX (4u << 20)   /* one envelope of the ACS: 20,000 values of a usual length */
#define SOAP_DEPTH_MAX 32          /* elements inside each other; CWMP needs 8 */
#define SOAP_NODES_MAX 131072u     /* elements of an envelope: 40,000 values; 3 MiB of view */
#define SOAP_ATTRS_MAX 32          /* attributes and namespaces of one element */
#define SOAP_ATTR_MAX 512          /* one attribute's value or namespace name */
#define SOAP_NAME_MAX 128          /* an element's local name; the longest of CWMP has 38 */
#define SOAP_TEXT_MAX 65536        /* one value: the longest of TR-181 (certificates) has 65,535 */
#define SOAP_TAG_MAX 16384  /* a tag or comment not finished yet: parsing attributes is quadratic */
#define CWMP_REPLY_MAX (12u << 20) /* one response of ours: 60,000 values; more is fault 9004 */
#define CWMP_TIMEOUT_S 60          /* wait for the ACS; TR-069 wants at least 30 */
#define CWMP_TIMEOUT_MAX_S 3600    /* what a SessionTimeout header may ask for */
#define CWMP_REDIRECTS_MAX 5    /* in a row (TR-069 A6 3.4.7 wants at least 5); then it is a loop */
#define CWMP_REPEATS_MAX 5         /* the same call again after 8005 */
#define CWMP_REQUESTS_MAX 10000    /* RPCs of the ACS in one session; GenieACS stops at 255 */
#define CWMP_SESSION_MAX_S 7200    /* a session that an ACS never lets end blocks all others */
#define PERIODIC_KEEP_S 900        /* a 2 PERIODIC of a shorter period is not worth two writes */
#define CWMP_URL_MAX 2048          /* of the ACS, also of a redirect; TR-181 allows 2048 */

/* agent/http, agent/dialer */
#define CONNREQ_HEAD_MAX 2048      /* a request line and an Authorization of two long names */
#define CONNREQ_CONNS_MAX 4    /* the ACS needs one; the oldest unfinished gives way to a new one */
#define CONNREQ_DEADLINE_MS 5000   /* from accept to the last byte: an ACS waits 2 s */
#define CONNREQ_NONCE_MS 60000     /* a challenge is answered at once; what is later is a replay */
#define CONNREQ_SETTLE_MS 2000     /* from an event to a look at our address: DHCP comes in steps */
#define CONNREQ_RELISTEN_MS 30000  /* a port that is in use may become free */
#define CONNREQ_SOURCES_MAX 16     /* addresses whose unauthenticated requests are counted apart */
#define CONNREQ_GLOBAL_FACTOR 8  /* all sources together may use this many times the share of one */
#define HTTP_HEAD_MAX 65536       /* all header lines of one response: many cookies of 512 octets */
#define TLS_FILE_MAX (1u << 20)    /* a PEM file: Debian's bundle of all CAs has 220 KiB */
#define HTTP_EXCHANGE_FACTOR 10    /* times the time-out: one that trickles is cut */
#define HTTP_RETRY_AFTER_MAX 86400 /* s: no server silences a gateway for longer */
#define HTTP_COOKIES_MAX 64        /* of a session; a client should take 50 (RFC 6265 6.1) */
#define HTTP_REDIRECTS_MAX 5       /* of one file; then it is a loop */
#define HTTP_PACE_MS 5             /* a transfer is held back by no less than this */
#define HTTP_REDIALS_MAX 3        /* a server that closes before 401 and again after it needs two */
#define DIAL_REQUESTS_MAX 4     /* agent: ACS, transfer, diagnostics, resolve; each holds sockets */
#define DIAL_TRIES_MAX 3           /* connection attempts of one request at the same time */
#define DIAL_STAGGER_MS 250        /* RFC 8305 5: Connection Attempt Delay */
#define DIAL_TRY_MS 10000          /* one address: two lost SYNs (1 + 2 + 4 s) are forgiven */
#define DIAL_TIMEOUT_MS 25000     /* all of a request, name included: below the 30 s of a session */
#define DIAL_RESOLVE_MS 12000      /* a name; three dead servers cost the resolver 12 s */

/* agent/stun */
#define STUN_PORT 3478           /* when STUNServerPort is 0 (RFC 3489 5) */
#define STUN_KEEPALIVE_S 25      /* while no minimum is set: the shortest-lived binding has 30 s */
#define STUN_KEEPALIVE_MAX_S 900 /* tried while no maximum is set */
#define STUN_RETRY_MS 30000      /* to a server that does not answer; doubled up to 8 minutes */

/* agent/transfer */
#define TRANSFERS_MAX 16             /* TransferList of cwmp-1-2.xsd; TR-069 wants 3 */
#define TRANSFER_REQUESTS_MAX 4      /* file types that the ACS is asked to send: there are two */
#define TRANSFER_TIMEOUT_S 60        /* of silence of a file server */
#define TRANSFER_MAX_S 86400         /* one that trickles does not hold the queue up for longer */
#define TRANSFER_RESUME_MS 1000      /* before the first; then 2, 4 ... 32 s */
#define TRANSFER_RETRIES 3           /* in a window whose MaxRetries leaves it to us */
#define TRANSFER_RETRY_S 30          /* before the first retry of a ScheduleDownload; doubled */
#define TRANSFER_TOLD_BYTES 1048576u /* of a file that is smaller the log tells only the end */
#define TRANSFER_IDLE_S 30           /* between two looks whether the box has nothing to do */
#define TRANSFER_TRIAL_S 5       /* between two looks whether the running image is still on trial */
#define TRANSFER_BEGUN_MAX 10        /* beginnings without an end: it is what ends the agent */
#define TRANSFER_AGAIN_S 1           /* until the flash role, asked too often, is asked again */
#define TRANSFER_IDLE_RATE 16384     /* bytes per second of all links together: nobody is at it */
#define HISTORY_MAX 32              /* transfers that ended: each image of a box's life, and more */
#define LOGFILE_BYTES 131072         /* the agent's own log, both halves: some days */
#define LOGFILE_BYTES_MAX 8388608    /* half of what a file may have (SANDBOX_FSIZE) */

/* agent/diag */
#define DIAG_BEGUN_MAX 2              /* a test that ends the agent begins that often */
#define PROBE_COUNT_MAX 1000         /* echo requests of one test: five minutes at the usual pace */
#define PROBE_SIZE_MAX 65507          /* of an IPv4 datagram without its headers */
#define PROBE_TIMEOUT_MAX_MS 60000    /* a reply that takes a minute is none */
#define PROBE_SPACING_MS 100          /* between two requests: a test is no flood */
#define LOOKUP_COUNT_MAX 100          /* repetitions: each is a row of results */
#define LOOKUP_TIMEOUT_MAX_MS 60000   /* an answer that takes a minute is none */
#define LOOKUP_SPACING_MS 50          /* between two of them: a name server is no target */
#define ECHO_COUNT_MAX 1000           /* packets of one UDPEchoDiagnostics */
#define ECHO_RESULTS_MAX 256          /* rows of IndividualPacketResult */
#define ECHO_MAX_MS 3600000           /* others wait for their turn meanwhile */
#define SPEED_CONNECTIONS_MAX 4       /* of one TR-143 test: each is a descriptor and a buffer */
#define SPEED_STEPS_MAX 100           /* rows of IncrementalResult */
#define SPEED_STEP_SLACK_MS 100       /* an interval that ends with the test may be that short */
#define SPEED_SILENCE_S 20            /* a server that says nothing for longer has failed */
#define SPEED_MAX_MS 1000000          /* as long as TR-181 lets a test by time be */
#define SPEED_OCTETS_MAX (1ull << 40) /* of an upload: more than any link takes in that time */

/* agent/tree, agent/store */
#define DM_TABLE_MAX 16384  /* rows of a table whose object does not say less: of neighbours, say */
#define DM_GHOSTS_MAX 256          /* absent things per table whose instance number is remembered */
#define DM_VALUE_MAX 65536                   /* one value; TR-181's longest has 65,535 characters */
#define DM_FAULTS_MAX 256                    /* bad parameters kept for one answer */
#define STORE_BYTES_MAX (2u << 20)   /* the state file: flash is small, and it is rewritten whole */
#define STORE_BYTES_FREE (STORE_BYTES_MAX / 8) /* of it for settings: watching takes no more */
#define STORE_LINE_MAX 262144                /* a value of DM_VALUE_MAX with every byte escaped */

/* agent/tr181 */
#define NET_SETTLE_MS 500          /* from an event to the comparison: a flap is one */
#define PROCESSES_MAX 32           /* rows: an ACS that walks the tree asks once for each of them */
#define SENSORS_MAX 64             /* temperature sensors */
#define DEVICE_TYPE_MAX (1u << 20) /* the file that tells every row: some 100 bytes for each */
#define DNS_LOOK_MS 3000    /* between two questions for the name servers: of 60 a minute a third */
#define WIFI_LOOK_MS 60000         /* between two looks at the radios; links have events */
#define WIFI_SCAN_MS 20000         /* a scan of three bands takes some 5 s */
#define WIFI_SETTLE_MS 200         /* a station that joins makes a handful */
#define WIFI_HEARD_MS 3600000      /* what a scan has heard may be gone after an hour */
#define WIFI_AUTO_MIN_S 60       /* between two automatic choices of a channel; each takes a scan */
#define WIFI_RESEND_MS 2000        /* a plan that came too fast: the gate takes one each second */
#define ENDPOINT_PROFILES_MAX 16   /* networks that an EndPoint knows; it joins one of them */
#define ENDPOINT_LOCATION_MAX 256  /* bytes of what the ACS notes about one; TR-181 has no limit */

/* agent/vendor */
#define VENDOR_OBJECTS_MAX 64 /* of a vendor's own */
#define VENDOR_PARAMS_MAX 128 /* in one of them */
#define VENDOR_VALUE_MAX 4096 /* one value; longer ones are no configuration */
#define VENDOR_LINE_MAX 8704  /* path and value, every octet of the value escaped */
#define VENDOR_PATH_MAX 256   /* of a file that is a value */
#define VENDOR_CHANGES_MAX 64 /* values in one transaction */
#define VENDOR_PLACES_MAX 32  /* folders of such files; each is a rule of the sandbox */
#define VENDOR_WAIT_MS 1000   /* for all answers of one daemon to one RPC */

/* agent/kernel */
#define RT_LINKS_MAX 256            /* ports, VLANs, bridges and the BSSs of eight radios */
#define RT_ADDRS_MAX 2048           /* some eight of each link */
#define RT_ROUTES_MAX 16384   /* next hops of table main; a full internet table is for no gateway */
#define RT_NEIGHS_MAX 32768         /* neighbours, and as much again learned by bridges */
#define RT_NEXTHOPS_MAX 32          /* of one route; the others of a wider one are not shown */
#define RT_DATAGRAM_MAX 32768       /* the kernel fills dumps up to this much (netlink_dump) */
#define RT_RCVBUF (1u << 20)        /* some thousand events while a session keeps the agent busy */
#define RT_DUMP_TRIES 5           /* a change disturbs a dump; that many in a row are no accident */
#define RT_DUMP_MS 5000             /* a busy 300 MHz core; normally a few milliseconds */
#define RT_PUMP_MAX 8192            /* datagrams taken before a table is read: a full buffer */
#define RT_ROUND_MAX 64            /* of one round of the loop: others have their turn in a storm */
#define ZONE_BYTES_MAX 65536        /* a time zone: the longest has 4 KiB */
#define LEASES_BYTES_MAX (1u << 20) /* the DHCP server's file: some 10,000 leases */

/* helper */
#define HELPER_START_MS 20000      /* all roles open what they need; nl80211 dumps of many radios */
#define HELPER_STOP_MS 5000          /* a role finishes what it is at, then is killed */
#define HELPER_THROTTLE_LOG_MS 60000 /* one line a minute about a flood */
#define FLASH_SETTLE_S 60            /* an agent that restarts every minute is not healthy */
#define FLASH_HEALTH_S 900           /* listening for weather radar takes ten minutes of a start */
#define FLASH_RETRY_MS 60000         /* the environment could not be written: not at once */
#define FLASH_TRIAL_POLL_MS 3600000  /* fits an int, and costs nothing */
#define FLASH_JUMP_MAX 100     /* a signed mistake must not put the security counter out of reach */
#define SYSTEM_MIN_UPTIME_S 60   /* a box told to reboot at every start can be reached in between */
#define CTRL_COMMAND_MAX 512         /* the longest: ADD with a path of 107 bytes, CHAN_SWITCH */
#define CTRL_COMMAND_MS 3000         /* one command; under emulation they take some 0.1 s */
#define HOSTAPD_ADD_MS 10000         /* the first ADD of a boot has the kernel load its ciphers */
#define HOSTAPD_REFUSALS 3           /* of REMOVE; one may have been done for all that */
#define HOSTAPD_CONF_MAX 2048        /* one BSS: some 25 lines, of which the longest has 75 bytes */
#define RADIO_APPLY_MS 20000      /* a plan; with going back twice that: under PLAN_COMMIT's 60 s */
#define RADIO_ENABLE_MS 8000         /* until a radio is up: 40 MHz in 2.4 GHz scans first */
#define RADIO_SWITCH_BEACONS 5       /* that announce a switch of channel: half a second */
#define RADIO_SWITCH_MS 3000         /* until the kernel has moved after them */
#define RADIO_SETTLE_MS 2000         /* until the kernel shows what it was told */
#define RADIO_POLL_MS 50             /* between two looks at it */
#define RADIO_LOST_MS 200         /* a hostapd that dies takes its links down one after the other */
#define RADIO_WATCH_MS 120000      /* between two looks whether hostapd still has all of the plan */
#define RADIO_WATCH_ANSWER_MS 1000   /* a hung hostapd must not keep the agent waiting longer */
#define RADIO_RETRY_MIN_MS 500   /* the first new try of a plan that does not hold, doubled up to */
#define RADIO_RETRY_MAX_MS 30000     /* ... so much: somebody mends hostapd and waits */
#define RADIO_ABSENT_MAX_MS 4000   /* while there is no program: one that comes has its plan soon */
#define STATION_APPLY_MS 20000  /* a plan; with going back twice that: under STATION_APPLY's 60 s */
#define STATION_ADD_MS 10000         /* until wpa_supplicant has looked at an interface and begun */
#define STATION_SETTINGS_MAX 1024  /* of a network: nine lines, of which the longest has 70 bytes */
#define STATION_NEWS_MS 200          /* a new socket is there before others may write to it */

/* seccomp */
#define SANDBOX_FILES 32          /* descriptors of a role; the longest golden list has 16 */
/* 23 of its own, 16 of vendor daemons, 5 + 5 clients, 4 for UDP, 10 for ACS, transfer and test, and
 * some for files. One too few and the dialer's sockets are lost on their way. */
#define SANDBOX_AGENT_FILES 72
#define SANDBOX_FSIZE (16u << 20) /* the store takes 2 MiB; standard error may be a file */

/* nl80211, wifi */
#define NL80211_DATAGRAM_MAX 32768 /* the kernel fills dumps up to this much (netlink_dump) */
#define NL80211_RCVBUF 524288      /* a storm of departures must not overrun the event socket */
#define NL80211_DUMP_TRIES 5      /* a change disturbs a dump; that many in a row are no accident */
#define NL80211_DUMP_MS 5000       /* a busy 300 MHz core; normally a few milliseconds */
#define NL80211_LOOK_MS 10000      /* between two looks for a cfg80211 that was not there */
#define WIFI_NEIGHBORS_MAX 128     /* more than a block of flats; kept are those heard best */
