/*
 * What a page needs to open the province's mini-program by a tag of WeChat's (wx-open-launch-weapp): the script's address, our
 * app id, and a signature over the page. Switched off, or where WeChat does not answer, the page has a plain link instead.
 */
#include <json-c/json.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "jssdk.h"
#include "wechat.h"

enum { URL_LIMIT = 500 };

/* A page of this site as a browser names it, without a fragment. */
static bool
is_own_url(const char *url)
{
	const char *origin = conf_text("public_url");
	size_t length = strlen(origin);

	return strlen(url) <= URL_LIMIT && strncmp(url, origin, length) == 0 && strchr(url, '#') == NULL &&
	       wechat_is_own_page(url + length);
}

static enum status
answer(struct request *req, struct reply *rep, const char *url, const char *ticket)
{
	struct json_object *json;
	int64_t now_s = clock_wall_ms() / 1000;
	char nonce[44], signature[JSSDK_SIGNATURE_SIZE];

	seal_token(nonce);
	if (!jssdk_sign(req->arena, ticket, nonce, now_s, url, signature))
		return STATUS_INTERNAL;
	json = json_object_new_object();
	json_object_object_add(json, "launch", json_object_new_boolean(true));
	json_object_object_add(json, "script", json_object_new_string(conf_text("wechat_script")));
	json_object_object_add(json, "app_id", json_object_new_string(conf_text("wechat_appid")));
	json_object_object_add(json, "timestamp", json_object_new_int64(now_s));
	json_object_object_add(json, "nonce", json_object_new_string(nonce));
	json_object_object_add(json, "signature", json_object_new_string(signature));
	json_object_object_add(json, "username", json_object_new_string(conf_text("wechat_launch_username")));
	json_object_object_add(json, "path", json_object_new_string(conf_text("wechat_launch_path")));
	return reply_json(req, rep, 200, json);
}

enum status
wechat_jssdk_get(struct request *req, struct reply *rep)
{
	const char *url = request_query(req, "url"), *ticket;
	enum status st;

	if (url == NULL || !is_own_url(url))
		return STATUS_MALFORMED_REQUEST;
	if (strcmp(conf_text("wechat_launch_weapp"), "on") != 0)
		return reply_text(req, rep, 200, "{\"launch\":false}");
	if ((st = wechat_ticket(req, &ticket)) != STATUS_OK)
		return st;
	return answer(req, rep, url, ticket);
}
