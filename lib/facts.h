/*
 * The four identity facts of a family, as registration stores them and recovery asks for them again: names and numbers of
 * the child and of the guardian. One field table, one judgement, one way to look them up.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "form.h"
#include "identity.h"
#include "request.h"
#include "seal.h"
#include "status.h"

struct facts {
	const char *student_name, *guardian_name;
	struct identity student, guardian;

	/* Filled by facts_index. */
	uint8_t student_index[SEAL_INDEX_SIZE], guardian_index[SEAL_INDEX_SIZE];
};

/* The facts in the field table of a form whose first member is its struct facts. */
// clang-format off
#define FACTS_FIELDS \
	{ .name = "student_name", .rule = FORM_NAME, .offset = offsetof(struct facts, student_name) }, \
	{ .name = "student_id_no", .rule = FORM_ID_NO, .offset = offsetof(struct facts, student) }, \
	{ .name = "guardian_name", .rule = FORM_NAME, .offset = offsetof(struct facts, guardian_name) }, \
	{ .name = "guardian_id_no", .rule = FORM_ID_NO, .offset = offsetof(struct facts, guardian) }
// clang-format on

/**
 * facts_judge(req, facts):
 * For those who register: the guardian is an adult and not the student. Facts that form_read found wrong are passed over.
 * STATUS_OK or STATUS_VALIDATION_FAILED with req->errors.
 */
enum status facts_judge(struct request *req, const struct facts *facts);

/**
 * facts_judge_password(req, facts, phone, password):
 * Judge the new ${password} as the field "password": the rule, and that it holds none of ${facts} nor ${phone} (or NULL).
 * A password that form_read found wrong (NULL) is passed over. STATUS_OK or STATUS_VALIDATION_FAILED with req->errors.
 */
enum status facts_judge_password(struct request *req, const struct facts *facts, const char *phone, const char *password);

/**
 * facts_phones(arena, password, out):
 * List the blind indexes of all that ${password} holds and that may be a phone (for a door that knows the account's, which C
 * does not). Returns false if memory ends or the index key is not held.
 */
bool facts_phones(struct arena *arena, const char *password, struct db_blobs *out);

/**
 * facts_index(facts):
 * Fill the blind indexes of both numbers. Returns false if the index key is not held.
 */
bool facts_index(struct facts *facts);

#endif
