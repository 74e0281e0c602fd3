/* SPDX-License-Identifier: MIT */
/*
 * From the path of a control group to unit and container:
 *
 *	/system.slice/nginx.service				unit
 *	/user.slice/user-1.slice/user@1.service/app.slice/a.scope	the last unit
 *	/system.slice/docker-0123...cdef.scope			unit and container
 *	/docker/0123...cdef, /kubepods/.../cri-containerd-0123...cdef.scope
 *	/lxc.payload.NAME/..., /lxc/NAME/...			container
 *	/machine.slice/systemd-nspawn@NAME.service, /machine.slice/machine-NAME.scope
 */

#include "diag/owner_facts.h"

#include <string.h>

enum { CONTAINER_ID_LEN = 64 };

/* A piece of the text. */
struct piece {
	const char *at;
	size_t len;
};

static bool begins(const struct piece *piece, const char *prefix)
{
	size_t len = strlen(prefix);

	return piece->len >= len && memcmp(piece->at, prefix, len) == 0;
}

static bool ends(const struct piece *piece, const char *suffix)
{
	size_t len = strlen(suffix);

	return piece->len > len && memcmp(piece->at + piece->len - len, suffix, len) == 0;
}

static void copy(const struct piece *piece, char *out, size_t max)
{
	size_t len = MIN(piece->len, max);

	memcpy(out, piece->at, len);
	out[len] = '\0';
}

static bool is_unit(const struct piece *name)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (ends(name, kinds[i]))
			return true;
	return false;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Runtimes put words before the id and a suffix behind it. */
static bool find_id(const struct piece *name, struct piece *ret)
{
	size_t run = 0;

	for (size_t i = 0; i < name->len; i++) {
		run = is_hex(name->at[i]) ? run + 1 : 0;
		if (run == CONTAINER_ID_LEN && (i + 1 == name->len || !is_hex(name->at[i + 1]))) {
			*ret = (struct piece){ name->at + i + 1 - run, run };
			return true;
		}
	}
	return false;
}

static bool find_between(const struct piece *name, const char *prefix, const char *suffix,
			 struct piece *ret)
{
	size_t around = strlen(prefix) + strlen(suffix);

	if (!begins(name, prefix) || name->len <= around ||
	    !(*suffix == '\0' || ends(name, suffix)))
		return false;
	*ret = (struct piece){ name->at + strlen(prefix), name->len - around };
	return true;
}

/* Containers that have a name and no id. */
static bool find_name(const struct piece *name, const struct piece *parent, struct piece *ret)
{
	static const struct {
		const char *prefix, *suffix;
	} forms[] = {
		{ "lxc.payload.", "" },
		{ "systemd-nspawn@", ".service" },
		{ "machine-", ".scope" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (find_between(name, forms[i].prefix, forms[i].suffix, ret))
			return true;
	if (parent->len == strlen("lxc") && begins(parent, "lxc")) {
		*ret = *name;
		return true;
	}
	return false;
}

static void take_path(const struct piece *path, bool units, struct owner_group *ret)
{
	const char *at = path->at, *end = path->at + path->len;
	struct piece parent = { at, 0 }, found;

	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		struct piece name = { at, (size_t)((slash ? slash : end) - at) };

		at = slash ? slash + 1 : end;
		if (!name.len)
			continue;
		if (find_id(&name, &found) || find_name(&name, &parent, &found))
			copy(&found, ret->container, OWNER_CONTAINER_MAX);
		if (units && is_unit(&name))
			copy(&name, ret->unit, OWNER_UNIT_MAX);
		parent = name;
	}
}

void owner_parse_group(const char *text, size_t len, struct owner_group *ret)
{
	const char *at = text, *end = text + len;

	ret->unit[0] = ret->container[0] = '\0';
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		struct piece line = { at, (size_t)((feed ? feed : end) - at) };
		const char *first = memchr(line.at, ':', line.len);
		const char *second =
			first ? memchr(first + 1, ':', (size_t)(line.at + line.len - first - 1))
			      : NULL;

		at = feed ? feed + 1 : end;
		if (!second)
			continue;
		take_path(&(struct piece){ second + 1, (size_t)(line.at + line.len - second - 1) },
			  begins(&line, "0::") || (second - first == sizeof(":name=systemd") - 1 &&
						   memcmp(first, ":name=systemd",
							  sizeof(":name=systemd") - 1) == 0),
			  ret);
	}
}
