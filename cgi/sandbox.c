/*
 * sandbox: a stand-in for WeChat, 粤信签, 广东省个人数字空间 and the e-license system, for demos and tests. It knows the platform
 * by HTTP alone, keeps a database of its own with made-up people, and does not start in production.
 *
 *   sandbox_space    what the platform calls to open a session and to ask how it went
 *   sandbox_page     what the parent's pages (nginx/html/sandbox) call
 *   sandbox_notice   tells the platform that a session has moved
 *   sandbox_license  the e-license system
 *   sandbox_wechat   WeChat's web authorization
 *   sandbox_script   what stands behind WeChat's script: token, ticket, signature
 *   sandbox_control  for tests: families, steps, faults
 *   sandbox_message  the phone on which the platform's messages arrive
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "log.h"
#include "route.h"
#include "service.h"

static const struct route routes[] = {
	{ "GET", "/sandbox/wechat/connect/oauth2/authorize", sandbox_wechat_authorize, 0 },
	{ "GET", "/sandbox/wechat/sns/oauth2/access_token", sandbox_wechat_access_token, 0 },
	{ "POST", "/sandbox/wechat/cgi-bin/stable_token", sandbox_wechat_token, ROUTE_JSON },
	{ "GET", "/sandbox/wechat/cgi-bin/ticket/getticket", sandbox_wechat_ticket, 0 },
	{ "GET", "/sandbox/wechat/script/verify", sandbox_wechat_verify, 0 },

	{ "POST", "/sandbox/space-api/v1/sessions", sandbox_space_post, ROUTE_JSON },
	{ "GET", "/sandbox/space-api/v1/sessions/{id}", sandbox_space_get, 0 },

	{ "GET", "/sandbox/space/{id}", sandbox_page_get, 0 },
	{ "GET", "/sandbox/space/{id}/view", sandbox_page_view, 0 },
	{ "POST", "/sandbox/space/{id}/face", sandbox_page_face, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/sandbox/space/{id}/link", sandbox_page_link, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/sandbox/space/{id}/claim", sandbox_page_claim, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/sandbox/space/{id}/sign", sandbox_page_sign, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/sandbox/space/{id}/leave", sandbox_page_leave, ROUTE_ORIGIN | ROUTE_JSON },

	{ "POST", "/sandbox/license-app/v1/security/login", sandbox_license_login, ROUTE_JSON },
	{ "POST", "/sandbox/license-app/v1/license/auth", sandbox_license_auth, ROUTE_JSON },
	{ "GET", "/sandbox/license-app/v1/license/get_license", sandbox_license_get, 0 },
	{ "GET", "/sandbox/license-app/v1/license/archive", sandbox_license_archive, 0 },

	{ "POST", "/sandbox/control/families", sandbox_control_families, ROUTE_JSON },
	{ "POST", "/sandbox/control/sessions/{id}", sandbox_control_session_do, ROUTE_JSON },
	{ "GET", "/sandbox/control/sessions/{id}", sandbox_control_session, 0 },
	{ "POST", "/sandbox/control/faults", sandbox_control_faults, ROUTE_JSON },
	{ "DELETE", "/sandbox/control/tokens", sandbox_control_tokens, 0 },
	{ "GET", "/sandbox/control/overview", sandbox_control_overview, 0 },
	{ "GET", "/sandbox/control/messages", sandbox_messages_get, 0 },

	{ "POST", "/sandbox/messages", sandbox_messages_post, ROUTE_JSON },
};

static const struct door *const doors[] = {
	&sandbox_door_fault_take,
	&sandbox_door_nonce_use,
	&sandbox_door_session_create,
	&sandbox_door_session_read,
	&sandbox_door_page_view,
	&sandbox_door_page_face,
	&sandbox_door_page_link,
	&sandbox_door_page_claim,
	&sandbox_door_page_sign,
	&sandbox_door_page_leave,
	&sandbox_door_license_login,
	&sandbox_door_license_auth,
	&sandbox_door_license_get,
	&sandbox_door_family_put,
	&sandbox_door_session_do,
	&sandbox_door_session_summary,
	&sandbox_door_fault_set,
	&sandbox_door_license_logout,
	&sandbox_door_overview,
	&sandbox_door_message_put,
	&sandbox_door_message_list,
	&sandbox_door_wechat_code_put,
	&sandbox_door_wechat_exchange,
	&sandbox_door_wechat_token,
	&sandbox_door_wechat_ticket,
	&sandbox_door_wechat_tickets,
	&sandbox_door_notice_due,
	&sandbox_door_notice_done,
	&sandbox_door_sweep,
};

const struct db_field sandbox_answer_fields[1] = { { DB_TEXT, offsetof(struct sandbox_answer, body) } };

const char *
sandbox_session_id(const struct request *req)
{
	const char *id = req->params[0];

	if (id == NULL || strlen(id) != 36)
		return NULL;
	for (size_t i = 0; i < 36; i++) {
		bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash_place ? id[i] != '-' : strchr("0123456789abcdef", id[i]) == NULL)
			return NULL;
	}
	return id;
}

/* Beside a real district's parents a stand-in for the state would be a trap. */
static bool
is_refused(void)
{
	if (!conf_is_production())
		return false;
	log_event(LOG_ERROR, NULL, "sandbox_refused", "environment = production: the sandbox does not run here");
	return true;
}

static bool
start(void)
{
	return !is_refused() && sandbox_notice_start();
}

int
main(int argc, char **argv)
{
	static const struct service service = { .name = "sandbox",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.start = start,
		.stop = sandbox_notice_stop,
		.database = "sandbox_database" };

	if (argc == 4 && strcmp(argv[1], "--migrate") == 0 && strcmp(argv[2], "--config") == 0) {
		log_open("sandbox");
		return conf_open(argv[3]) && !is_refused() && sandbox_migrate() ? 0 : 1;
	}
	return service_main(argc, argv, &service);
}
