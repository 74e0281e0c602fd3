/* SPDX-License-Identifier: MIT */
/* Session environment; see env.h. */

#include "addr/env.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Do both begin with the same "NAME="? */
static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && b[len] == '=';
}

static void put(struct env *env, char *item)
{
	for (size_t i = 0; i < env->n; i++) {
		if (same_name(env->items[i], item)) {
			free(env->items[i]);
			env->items[i] = item;
			return;
		}
	}
	env->items = mem_resize(env->items, env->n + 1, sizeof(char *));
	env->items[env->n++] = item;
}

void env_set(struct env *env, const char *prefix, const char *name, const char *value)
{
	if (env)
		put(env, str_format("%s%s=%s", prefix, name, value));
}

const char *env_get(const struct env *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->items[i], name, len) == 0 && env->items[i][len] == '=')
			return env->items[i] + len + 1;
	return getenv(name);
}

static bool is_hidden(const struct env *env, const char *prefix, const char *item)
{
	size_t len = strlen(prefix);

	if (strncmp(item, prefix, len) == 0 && str_begins(item + len, "OPENSSL_"))
		return true;
	for (size_t i = 0; i < env->n; i++)
		if (same_name(env->items[i], item))
			return true;
	return false;
}

char **env_merge(const struct env *env, const char *prefix)
{
	size_t n = 0, inherited = 0;
	char **merged;

	while (environ && environ[inherited])
		inherited++;
	merged = mem_new(inherited + env->n + 1, sizeof(char *));
	for (size_t i = 0; i < inherited; i++)
		if (!is_hidden(env, prefix, environ[i]))
			merged[n++] = environ[i];
	for (size_t i = 0; i < env->n; i++)
		merged[n++] = env->items[i];
	return merged;
}

void env_copy(struct env *to, const struct env *from)
{
	for (size_t i = 0; to && i < from->n; i++)
		put(to, str_copy(from->items[i]));
}

void env_done(struct env *env)
{
	for (size_t i = 0; i < env->n; i++)
		free(env->items[i]);
	free(env->items);
	*env = (struct env){ 0 };
}
