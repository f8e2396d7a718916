/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/backup.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "lib/buf.h"
#include "lib/rand.h"
#include "lib/secret.h"

#define KEY BACKUP_KEY_BYTES
#define MAGIC "SALLYBK"
#define FORMAT 1

/* The header as it lies in the file; numbers are little-endian. */
struct header {
	char magic[8];
	uint8_t format[4], size[4];
	uint8_t operator_id[8]; /* the first bytes of the SHA-256 of the operator's key */
	uint8_t ephemeral[KEY];
	uint8_t for_operator[KEY]; /* the file's key, hidden by what only he can work out */
	uint8_t salt[KEY];
	uint8_t for_box[KEY];
};
_Static_assert(sizeof(struct header) + KEY == BACKUP_OVERHEAD, "docs/backup-format.md");

static void put32(uint8_t out[4], size_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

static size_t get32(const uint8_t in[4])
{
	return (size_t)in[0] | (size_t)in[1] << 8 | (size_t)in[2] << 16 | (size_t)in[3] << 24;
}

static int hmac(uint8_t out[KEY], const void *key, size_t key_len, const void *data, size_t len)
{
	return HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL) ? 0 : -EIO;
}

/* HKDF (RFC 5869) with SHA-256, one block. */
static int hkdf(uint8_t out[KEY], const uint8_t secret[KEY], const void *salt, size_t salt_len,
		const char *info)
{
	uint8_t prk[KEY], block[64];
	size_t n = strlen(info);
	int r = hmac(prk, salt, salt_len, secret, KEY);

	memcpy(block, info, n);
	block[n] = 1;
	if (!r)
		r = hmac(out, prk, sizeof(prk), block, n + 1);
	explicit_bzero(prk, sizeof(prk));
	return r;
}

static int agree(uint8_t out[KEY], EVP_PKEY *mine, const uint8_t theirs[KEY])
{
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs, KEY);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
	size_t n = KEY;
	int r = -EIO;

	if (peer && ctx && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, peer) == 1 && EVP_PKEY_derive(ctx, out, &n) == 1 &&
	    n == KEY)
		r = 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return r;
}

/* What hides the file's key from all but the operator: bound to both public keys. */
static int operator_mask(uint8_t out[KEY], EVP_PKEY *mine, const uint8_t theirs[KEY],
			 const uint8_t ephemeral[KEY], const uint8_t operator_key[KEY])
{
	uint8_t shared[KEY], salt[2 * KEY];
	int r = agree(shared, mine, theirs);

	memcpy(salt, ephemeral, KEY);
	memcpy(salt + KEY, operator_key, KEY);
	if (!r)
		r = hkdf(out, shared, salt, sizeof(salt), "sallyport backup operator");
	explicit_bzero(shared, sizeof(shared));
	return r;
}

static void hide(uint8_t out[KEY], const uint8_t key[KEY], const uint8_t mask[KEY])
{
	for (size_t i = 0; i < KEY; i++)
		out[i] = key[i] ^ mask[i];
}

/* AES-256-CTR from a zero counter: the file's key is used once. */
static int crypt(uint8_t *out, const uint8_t *in, size_t len, const uint8_t file_key[KEY])
{
	static const uint8_t zero[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[KEY];
	int n = 0, r = hkdf(key, file_key, "", 0, "sallyport backup encrypt");

	if (!ctx)
		r = -ENOMEM;
	if (!r && (EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, key, zero) != 1 ||
		   EVP_EncryptUpdate(ctx, out, &n, in, (int)len) != 1 || (size_t)n != len))
		r = -EIO;
	EVP_CIPHER_CTX_free(ctx);
	explicit_bzero(key, sizeof(key));
	return r;
}

static int authenticate(uint8_t out[KEY], const void *data, size_t len, const uint8_t file_key[KEY])
{
	uint8_t key[KEY];
	int r = hkdf(key, file_key, "", 0, "sallyport backup authenticate");

	if (!r)
		r = hmac(out, key, sizeof(key), data, len);
	explicit_bzero(key, sizeof(key));
	return r;
}

static int for_operator(struct header *h, const uint8_t operator_key[KEY],
			const uint8_t file_key[KEY])
{
	EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	uint8_t mask[KEY], id[KEY];
	size_t n = KEY;
	int r = -EIO;

	if (own && EVP_PKEY_get_raw_public_key(own, h->ephemeral, &n) == 1 && n == KEY)
		r = operator_mask(mask, own, operator_key, h->ephemeral, operator_key);
	if (!r && EVP_Digest(operator_key, KEY, id, NULL, EVP_sha256(), NULL) != 1)
		r = -EIO;
	if (!r) {
		hide(h->for_operator, file_key, mask);
		memcpy(h->operator_id, id, sizeof(h->operator_id));
	}
	EVP_PKEY_free(own);
	explicit_bzero(mask, sizeof(mask));
	return r;
}

static int for_box(struct header *h, const uint8_t box_secret[KEY], const uint8_t file_key[KEY])
{
	uint8_t mask[KEY];
	int r = rand_bytes(h->salt, KEY);

	if (!r)
		r = hkdf(mask, box_secret, h->salt, KEY, "sallyport backup box");
	if (!r)
		hide(h->for_box, file_key, mask);
	explicit_bzero(mask, sizeof(mask));
	return r;
}

int backup_seal(struct buf *out, const uint8_t operator_key[KEY], const uint8_t box_secret[KEY],
		const void *text, size_t len)
{
	struct header h = { .magic = MAGIC };
	uint8_t file_key[KEY];
	uint8_t *room;
	int r;

	put32(h.format, FORMAT);
	put32(h.size, len);
	buf_reset(out);
	room = (uint8_t *)buf_room(out, len + BACKUP_OVERHEAD);
	if (!room)
		return -ENOMEM;
	r = rand_bytes(file_key, sizeof(file_key));
	if (!r)
		r = for_operator(&h, operator_key, file_key);
	if (!r)
		r = for_box(&h, box_secret, file_key);
	if (!r) {
		memcpy(room, &h, sizeof(h));
		r = crypt(room + sizeof(h), text, len, file_key);
	}
	if (!r)
		r = authenticate(room + sizeof(h) + len, room, sizeof(h) + len, file_key);
	explicit_bzero(file_key, sizeof(file_key));
	if (!r)
		buf_commit(out, len + BACKUP_OVERHEAD);
	return r;
}

static int key_of_box(uint8_t out[KEY], const struct header *h, const uint8_t box_secret[KEY])
{
	uint8_t mask[KEY];
	int r = hkdf(mask, box_secret, h->salt, KEY, "sallyport backup box");

	hide(out, h->for_box, mask);
	explicit_bzero(mask, sizeof(mask));
	return r;
}

static int key_of_operator(uint8_t out[KEY], const struct header *h, const uint8_t private[KEY])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, KEY);
	uint8_t mask[KEY], public[KEY];
	size_t n = KEY;
	int r = -EIO;

	if (own && EVP_PKEY_get_raw_public_key(own, public, &n) == 1 && n == KEY)
		r = operator_mask(mask, own, h->ephemeral, h->ephemeral, public);
	if (!r)
		hide(out, h->for_operator, mask);
	EVP_PKEY_free(own);
	explicit_bzero(mask, sizeof(mask));
	return r;
}

/* Nothing is decrypted that this key did not authenticate. */
static enum backup_error open_with(struct buf *out, const uint8_t *file, size_t len,
				   const uint8_t file_key[KEY])
{
	size_t head = sizeof(struct header), n = len - BACKUP_OVERHEAD;
	uint8_t mac[KEY];
	char *room;

	if (authenticate(mac, file, head + n, file_key))
		return BACKUP_FAILED;
	if (!secret_eq(mac, file + head + n, KEY))
		return BACKUP_FOREIGN;
	buf_reset(out);
	room = buf_room(out, n);
	if (!room || crypt((uint8_t *)room, file + head, n, file_key))
		return BACKUP_FAILED;
	buf_commit(out, n);
	return BACKUP_OK;
}

enum backup_error backup_open(struct buf *out, const void *file, size_t len,
			      const uint8_t box_secret[KEY], const uint8_t *operator_private)
{
	uint8_t file_key[KEY];
	enum backup_error e = BACKUP_FAILED;
	struct header h;

	if (len < BACKUP_OVERHEAD)
		return BACKUP_MALFORMED;
	memcpy(&h, file, sizeof(h));
	if (memcmp(h.magic, MAGIC, sizeof(h.magic)) != 0 || get32(h.format) != FORMAT ||
	    get32(h.size) != len - BACKUP_OVERHEAD)
		return BACKUP_MALFORMED;
	if (!key_of_box(file_key, &h, box_secret))
		e = open_with(out, file, len, file_key);
	if (e == BACKUP_FOREIGN && operator_private) {
		/* A point of small order is no fault of ours, and nobody's key. */
		e = key_of_operator(file_key, &h, operator_private)
			    ? BACKUP_FOREIGN
			    : open_with(out, file, len, file_key);
	}
	explicit_bzero(file_key, sizeof(file_key));
	return e;
}

const char *backup_error_text(enum backup_error e)
{
	switch (e) {
	case BACKUP_OK:
		return "fine";
	case BACKUP_MALFORMED:
		return "not a backup, or cut short";
	case BACKUP_FOREIGN:
		return "changed, or sealed for somebody else";
	case BACKUP_FAILED:
		return "no memory";
	}
	return "";
}
