/* What the four facts must be to one another. Each by itself is right already: lib/form has seen to that. */
#include "facts.h"

#include <string.h>

#include "clock.h"
#include "phone.h"

enum { NUMBER_LENGTH = 18, TAIL_LENGTH = 6, PHONE_LENGTH = 11 };

enum status
facts_judge(struct request *req, const struct facts *facts)
{
	const struct identity *guardian = &facts->guardian;

	if (guardian->number[0] == '\0')
		return STATUS_OK;
	if (strcmp(guardian->number, facts->student.number) == 0)
		return form_error(req, "guardian_id_no", "same_as");
	if (!identity_is_adult(guardian, clock_beijing_date(clock_wall_ms())))
		return form_error(req, "guardian_id_no", "birth_date");
	return STATUS_OK;
}

/* The last six characters of a number, or NULL where there is none. */
static const char *
tail_of(const struct identity *identity)
{
	return identity->number[0] != '\0' ? identity->number + NUMBER_LENGTH - TAIL_LENGTH : NULL;
}

enum status
facts_judge_password(struct request *req, const struct facts *facts, const char *phone, const char *password)
{
	const char *const avoid[] = { phone, facts->student_name, facts->guardian_name, tail_of(&facts->student),
		tail_of(&facts->guardian) };

	return form_password(req, "password", password, avoid, sizeof avoid / sizeof *avoid);
}

bool
facts_index(struct facts *facts)
{
	return seal_index("id_no", facts->student.number, facts->student_index) &&
	       seal_index("id_no", facts->guardian.number, facts->guardian_index);
}

bool
facts_phones(struct arena *arena, const char *password, struct db_blobs *out)
{
	size_t length = strlen(password), most = length >= PHONE_LENGTH ? length - PHONE_LENGTH + 1 : 0;
	struct bytes *items = arena_alloc(arena, (most + 1) * sizeof *items);

	*out = (struct db_blobs){ items, 0 };
	for (size_t i = 0; items != NULL && i < most; i++) {
		char *phone = arena_strndup(arena, password + i, PHONE_LENGTH);
		uint8_t *index = arena_alloc(arena, SEAL_INDEX_SIZE);

		if (phone == NULL || index == NULL)
			return false;
		if (phone_check(phone) != NULL)
			continue;
		if (!seal_index("phone", phone, index))
			return false;
		items[out->n++] = (struct bytes){ index, SEAL_INDEX_SIZE };
	}
	return items != NULL;
}
