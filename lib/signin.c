/* Tokens are 256 random bits, stored by their SHA-256 alone: what is random needs no salt. */
#include "signin.h"

#include <string.h>

enum { SESSION_AGE_S = 12 * 3600, DEVICE_AGE_S = 400 * 24 * 3600 };

/* What a parent calls the thing in his hand; the first that fits. */
static const char *
device_name(const char *user_agent)
{
	static const struct {
		const char *sign, *in_wechat, *elsewhere;
	} names[] = {
		{ "iPhone", "iPhone · 微信", "iPhone" },
		{ "iPad", "iPad · 微信", "iPad" },
		{ "HarmonyOS", "鸿蒙手机 · 微信", "鸿蒙手机" },
		{ "Android", "安卓手机 · 微信", "安卓手机" },
		{ "Windows", "Windows 电脑 · 微信", "Windows 电脑" },
		{ "Macintosh", "苹果电脑 · 微信", "苹果电脑" },
		{ "", "其他设备 · 微信", "其他设备" },
	};
	size_t i = 0;

	if (user_agent == NULL)
		user_agent = "";
	while (strstr(user_agent, names[i].sign) == NULL)
		i++;
	return strstr(user_agent, "MicroMessenger") != NULL ? names[i].in_wechat : names[i].elsewhere;
}

/* A fresh token, and the hash that is stored of it. */
static void
make_token(char token[static 44], uint8_t hash[static SEAL_HASH_SIZE])
{
	seal_token(token);
	seal_hash((struct bytes){ (const uint8_t *)token, strlen(token) }, hash);
}

void
signin_prepare(const struct request *req, struct signin *signin)
{
	make_token(signin->token, signin->token_hash);
	if (req->device.is_present)
		memcpy(signin->device_hash, req->device.hash, SEAL_HASH_SIZE);
	else
		make_token(signin->device_token, signin->device_hash);
	signin->device_name = device_name(req->user_agent);
}

bool
signin_cookies(struct request *req, struct reply *rep, const struct signin *signin)
{
	return reply_cookie(req, rep, "__Host-session", signin->token, SESSION_AGE_S) && signin_device_cookie(req, rep, signin);
}

bool
signin_device_cookie(struct request *req, struct reply *rep, const struct signin *signin)
{
	return signin->device_token[0] == '\0' || reply_cookie(req, rep, "__Host-device", signin->device_token, DEVICE_AGE_S);
}
