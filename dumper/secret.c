/* SPDX-License-Identifier: Apache-2.0 */
/* The table of built-in patterns. What each kind means is in secret_key.c and secret_token.c. */
#include "dumper/secret.h"

#include <string.h>

#include "common/cleanup.h"

#define KEY(text, how)                                                                             \
	{                                                                                          \
		.word = (text), .find = secret_key_find, .flags = (how)                            \
	}
#define TOKEN(text, how, characters)                                                               \
	{                                                                                          \
		.word = (text), .exact = true, .find = secret_token_find, .flags = (how),          \
		.least = (characters)                                                              \
	}

#define BOUND  SECRET_KEY_BOUND
#define EQUALS SECRET_KEY_EQUALS

/* A key matches the end of a name: "password" also DB_PASSWORD and spring.datasource.password. */
const struct secret_row secret_rows[] = {
	KEY("password", 0),
	KEY("passwd", 0),
	KEY("passphrase", 0),
	KEY("passcode", 0),
	KEY("passin", 0),
	KEY("passout", 0),
	KEY("pass", BOUND | EQUALS),
	KEY("pwd", BOUND | EQUALS),
	KEY("secret", 0),
	KEY("secret_key_base", 0),
	KEY("token", 0),
	KEY("apikey", 0),
	KEY("api_key", 0),
	KEY("api-key", 0),
	KEY("access_key", 0),
	KEY("access-key", 0),
	KEY("accesskey", 0),
	KEY("account_key", 0),
	KEY("accountkey", 0),
	KEY("auth_key", 0),
	KEY("encryption_key", 0),
	KEY("encryption-key", 0),
	KEY("master_key", 0),
	KEY("private_key", 0),
	KEY("private-key", 0),
	KEY("secret_key", 0),
	KEY("secret-key", 0),
	KEY("secretkey", 0),
	KEY("signing_key", 0),
	KEY("credential", EQUALS),
	KEY("credentials", EQUALS),
	KEY("creds", EQUALS),
	KEY("sessionid", 0),
	KEY("session_id", 0),
	KEY("signature", EQUALS),
	KEY("auth", BOUND | EQUALS),
	KEY("sig", BOUND | EQUALS),
	KEY("authorization", SECRET_KEY_LINE),
	KEY("cookie", SECRET_KEY_LINE),

	{.word = "://", .find = secret_url_find},
	{.word = "private key-----", .find = secret_pem_find},
	{.word = "bearer ", .find = secret_token_find, .flags = SECRET_TOKEN_AFTER, .least = 8},

	TOKEN("AKIA", SECRET_TOKEN_BOUND, 16),	  /* AWS */
	TOKEN("ASIA", SECRET_TOKEN_BOUND, 16),	  /* AWS, for a while */
	TOKEN("AIza", SECRET_TOKEN_BOUND, 30),	  /* Google */
	TOKEN("SG.", SECRET_TOKEN_BOUND, 40),	  /* SendGrid */
	TOKEN("dop_v1_", SECRET_TOKEN_BOUND, 30), /* DigitalOcean */
	TOKEN("eyJ", SECRET_TOKEN_BOUND, 24),	  /* JSON web tokens */
	TOKEN("ghp_", SECRET_TOKEN_BOUND, 20),	  /* GitHub, of five kinds */
	TOKEN("gho_", SECRET_TOKEN_BOUND, 20),
	TOKEN("ghu_", SECRET_TOKEN_BOUND, 20),
	TOKEN("ghs_", SECRET_TOKEN_BOUND, 20),
	TOKEN("ghr_", SECRET_TOKEN_BOUND, 20),
	TOKEN("github_pat_", SECRET_TOKEN_BOUND, 20),
	TOKEN("glpat-", SECRET_TOKEN_BOUND, 16), /* GitLab */
	TOKEN("hvs.", SECRET_TOKEN_BOUND, 20),	 /* Vault */
	TOKEN("npm_", SECRET_TOKEN_BOUND, 30),
	TOKEN("sk-", SECRET_TOKEN_BOUND, 20),
	TOKEN("sk_live_", SECRET_TOKEN_BOUND, 16), /* Stripe, of two kinds */
	TOKEN("rk_live_", SECRET_TOKEN_BOUND, 16),
	TOKEN("xox", SECRET_TOKEN_BOUND, 12), /* Slack */
};
const size_t secret_rows_count = ARRAY_SIZE(secret_rows);
_Static_assert(ARRAY_SIZE(secret_rows) <= SECRET_ROWS_MAX, "a bit each in a word");

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

bool secret_word_is(const struct secret_text *text, size_t at, const struct secret_row *row)
{
	size_t bytes = strlen(row->word);

	if (text->bytes - at < bytes)
		return false;
	if (row->exact)
		return !memcmp(text->data + at, row->word, bytes);
	for (size_t i = 0; i < bytes; i++)
		if (lower(text->data[at + i]) != (unsigned char)row->word[i])
			return false;
	return true;
}
