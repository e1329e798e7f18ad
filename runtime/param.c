// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * param: scalar globals as parameters of the module: `taprun x.ko count=5 name=abc`.
 */
#include <linux/moduleparam.h>

/* As module_param_cb(), but the name is text: a script may call a variable like a macro of the kernel. */
#define RT_PARAM(var, text, ops, type)                                                             \
	static const struct kernel_param var##_param __used __section("__param")                   \
		__aligned(__alignof__(struct kernel_param)) = {text, THIS_MODULE, &ops, 0, -1, 0, {&var}}; \
	MODULE_INFO(parmtype, text ":" type)

static int rt_param_set_long(const char *text, const struct kernel_param *p)
{
	return kstrtos64(text, 0, p->arg);
}

static int rt_param_set_string(const char *text, const struct kernel_param *p)
{
	rt_set(p->arg, (struct rt_sv){text, strlen(text)});
	return 0;
}

static const struct kernel_param_ops rt_param_long __maybe_unused = {.set = rt_param_set_long};
static const struct kernel_param_ops rt_param_string __maybe_unused = {.set = rt_param_set_string};
