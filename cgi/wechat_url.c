/* The URLs that a browser or we ourselves are sent to. Where WeChat comes back to is configured, never taken from Host. */
#include <ctype.h>
#include <string.h>

#include "conf.h"
#include "wechat.h"

enum { NEXT_LIMIT = 500 };

/* Percent-encode ${text} for a query; NULL beyond the arena's limit. */
static const char *
encode(struct arena *arena, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(arena, 3 * strlen(text) + 1), *at = out;

	for (const unsigned char *c = (const unsigned char *)text; at != NULL && *c != '\0'; c++) {
		if (isalnum(*c) || strchr("-._~", *c) != NULL) {
			*at++ = (char)*c;
		} else {
			*at++ = '%';
			*at++ = hex[*c >> 4];
			*at++ = hex[*c & 15];
		}
	}
	return out;
}

const char *
wechat_authorize_url(struct arena *arena, const char *state)
{
	const char *callback = arena_printf(arena, "%s/api/wechat/callback", conf_text("public_url"));
	const char *encoded = callback != NULL ? encode(arena, callback) : NULL;

	if (encoded == NULL)
		return NULL;
	/* WeChat wants these in this order. */
	return arena_printf(arena,
	    "%s/connect/oauth2/authorize?appid=%s&redirect_uri=%s&response_type=code&scope=snsapi_base&state=%s#wechat_redirect",
	    conf_text("wechat_open"), conf_text("wechat_appid"), encoded, state);
}

const char *
wechat_exchange_url(struct arena *arena, const char *secret, const char *code)
{
	const char *encoded = encode(arena, code);

	if (encoded == NULL)
		return NULL;
	return arena_printf(arena, "%s/sns/oauth2/access_token?appid=%s&secret=%s&code=%s&grant_type=authorization_code",
	    conf_text("wechat_api"), conf_text("wechat_appid"), secret, encoded);
}

const char *
wechat_login_url(struct arena *arena, const char *next, const char *why)
{
	const char *encoded = encode(arena, next != NULL ? next : "/");

	if (encoded == NULL)
		return NULL;
	if (why == NULL)
		return arena_printf(arena, "/login?next=%s", encoded);
	return arena_printf(arena, "/login?next=%s&wechat=%s", encoded, why);
}

bool
wechat_is_own_page(const char *path)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/?#=&%-_.~+,:@!$'()*;";
	static const char *const refused[] = { "//", "/.", "%0", "%1", "%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "%7f", "%7F" };

	if (path[0] != '/' || strlen(path) > NEXT_LIMIT || path[strspn(path, allowed)] != '\0' || strncmp(path, "/api/", 5) == 0)
		return false;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (strstr(path, refused[i]) != NULL)
			return false;
	return true;
}
