/* content: what parents read (guide, policy, consent) and the registration QR code. It holds no key and knows no parent. */
#include <json-c/json.h>

#include "conf.h"
#include "db.h"
#include "qr.h"
#include "reply.h"
#include "service.h"

/* On a screen; posters are made by enrollctl qr. */
enum { SCREEN_MODULE_PX = 10 };

struct content_in {
	const char *kind, *slug, *version; /* version NULL: the newest */
};

struct content_out {
	const char *code;
	const char *answer;
};

static const struct db_field list_in_fields[] = {
	{ DB_REF, 0 },
	{ DB_TEXT, offsetof(struct content_in, kind) },
};

static const struct db_field read_in_fields[] = {
	{ DB_REF, 0 },
	{ DB_TEXT, offsetof(struct content_in, kind) },
	{ DB_TEXT, offsetof(struct content_in, slug) },
	{ DB_TEXT, offsetof(struct content_in, version) },
};

static const struct db_field answer_fields[] = { { DB_JSON, offsetof(struct content_out, answer) } };

static const struct door list_door = {
	.name = "content_list",
	.sql = "select * from enroll.content_list($1,$2)",
	.in = list_in_fields,
	.n_in = sizeof list_in_fields / sizeof *list_in_fields,
	.out = answer_fields,
	.n_out = 1,
	.code_offset = offsetof(struct content_out, code),
};

static const struct door read_door = {
	.name = "content_read",
	.sql = "select * from enroll.content_read($1,$2,$3,$4)",
	.in = read_in_fields,
	.n_in = sizeof read_in_fields / sizeof *read_in_fields,
	.out = answer_fields,
	.n_out = 1,
	.code_offset = offsetof(struct content_out, code),
};

/* GET /api/content/site: what the pages say of this installation, and what they ask for. */
static enum status
site_get(struct request *req, struct reply *rep)
{
	struct json_object *json = json_object_new_object();

	(void)json_object_object_add(json, "hotline", json_object_new_string(conf_text("hotline")));
	(void)json_object_object_add(json, "phone_proof", json_object_new_string(conf_text("phone_proof")));
	return reply_json(req, rep, 200, json);
}

/* GET /api/content/{kind}: the list. */
static enum status
list_get(struct request *req, struct reply *rep)
{
	const struct content_in in = { .kind = req->params[0] };
	struct content_out out = { 0 };
	enum status st = db_call(req, &list_door, &in, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

/* GET /api/content/{kind}/{slug}?version=: one text, as it is or as it was. */
static enum status
text_get(struct request *req, struct reply *rep)
{
	const struct content_in in = { req->params[0], req->params[1], request_query(req, "version") };
	struct content_out out = { 0 };
	enum status st = db_call(req, &read_door, &in, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

/* What the code says: the home page, at the configured address; never what a Host header claims. */
static const char *
home_url(struct request *req)
{
	return arena_printf(req->arena, "%s/", conf_text("public_url"));
}

static enum status
qr_svg_get(struct request *req, struct reply *rep)
{
	const char *url = home_url(req);
	struct bytes picture;

	if (url == NULL || !qr_svg(req->arena, url, "报名登记二维码", &picture))
		return STATUS_INTERNAL;
	return reply_bytes(req, rep, "image/svg+xml", picture);
}

static enum status
qr_png_get(struct request *req, struct reply *rep)
{
	const char *url = home_url(req);
	struct bytes picture;

	if (url == NULL || !qr_png(req->arena, url, SCREEN_MODULE_PX, &picture))
		return STATUS_INTERNAL;
	return reply_bytes(req, rep, "image/png", picture);
}

static const struct route routes[] = {
	{ "GET", "/api/content/site", site_get, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/content/{kind}", list_get, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/content/{kind}/{slug}", text_get, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/qr.svg", qr_svg_get, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/qr.png", qr_png_get, ROUTE_PUBLIC_CACHE },
};

static const struct door *const doors[] = { &list_door, &read_door };

static const struct service service = {
	.name = "content",
	.routes = routes,
	.n_routes = sizeof routes / sizeof *routes,
	.doors = doors,
	.n_doors = sizeof doors / sizeof *doors,
	.keys = 0,
};

int
main(int argc, char **argv)
{
	return service_main(argc, argv, &service);
}
