/* One token a change: whichever message it is taken from, it is used once. */
#include "undo.h"

#include <openssl/crypto.h>
#include <string.h>

bool
undo_make(struct arena *arena, struct undo *undo)
{
	const char **ids = (const char **)arena_alloc(arena, UNDO_COPIES * sizeof *ids);
	struct bytes *tokens = arena_alloc(arena, UNDO_COPIES * sizeof *tokens);
	char token[44], id[37];
	bool is_made = ids != NULL && tokens != NULL;

	seal_token(token);
	seal_hash((struct bytes){ (const uint8_t *)token, strlen(token) }, undo->token_hash);
	for (size_t i = 0; is_made && i < UNDO_COPIES; i++) {
		seal_uuid(id);
		is_made = (ids[i] = arena_strdup(arena, id)) != NULL &&
			  seal_put(arena, SEAL_CONTACT, "outbox.token", ids[i], token, &tokens[i]);
	}
	OPENSSL_cleanse(token, sizeof token);
	undo->outbox_ids = (struct db_list){ ids, UNDO_COPIES };
	undo->outbox_tokens = (struct db_blobs){ tokens, UNDO_COPIES };
	return is_made;
}
