/* The phone: what the courier's hook delivers, and what has arrived. */
#include <string.h>

#include "form.h"
#include "sandbox.h"

struct message_in {
	const char *channel, *to, *text;
};

static const struct db_field message_fields[] = { { DB_TEXT, offsetof(struct message_in, channel) },
	{ DB_TEXT, offsetof(struct message_in, to) }, { DB_TEXT, offsetof(struct message_in, text) } };

const struct door sandbox_door_message_put = { "message_put", "select * from sandbox.message_put($1,$2,$3)", message_fields, 3,
	NULL, 0, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_message_list = { "message_list", "select * from sandbox.message_list()", NULL, 0,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };

/* The fault of the phone's own: a WeChat user who does not follow the account, said as WeChat says it. */
static enum status
receive(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	static const char *const channels[] = { "sms", "wechat", NULL };
	static const struct form_field fields[] = {
		{ "channel", FORM_CHOICE, offsetof(struct message_in, channel), false, 0, channels },
		{ "to", FORM_TEXT, offsetof(struct message_in, to), false, 0, NULL },
		{ "text", FORM_TEXT, offsetof(struct message_in, text), false, 2000, NULL },
	};
	struct message_in in = { 0 };
	enum status st;

	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	if (sandbox_fault_is(fault, "not_follower") && strcmp(in.channel, "wechat") == 0)
		return reply_text(req, rep, 200, "{\"errcode\":43004,\"errmsg\":\"require subscribe\"}");
	if ((st = db_call(req, &sandbox_door_message_put, &in, NULL)) != STATUS_OK)
		return st;
	return reply_empty(rep);
}

/* POST /sandbox/messages: a message for a phone or a WeChat. */
enum status
sandbox_messages_post(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "message", receive);
}

/* GET /sandbox/control/messages: newest first. */
enum status
sandbox_messages_get(struct request *req, struct reply *rep)
{
	struct sandbox_answer out = { 0 };
	enum status st = db_call(req, &sandbox_door_message_list, NULL, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.body);
}
