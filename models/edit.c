#include "models/edit.h"

const char *
model_edit_key(const struct model_edit *edit)
{
	if (edit->kind == EDIT_EXCEPTION)
		return "except";
	return edit->inward ? "provides" : "needs";
}
