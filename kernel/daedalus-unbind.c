// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that closes lets go of the requests that have its controls.
 *
 * v4l2_ctrl_handler_free() takes the controls out of these requests, and so does a request
 * that is freed or reinitialized. In Linux 7.3 nothing keeps the two apart: both walk a list
 * of objects that the other one frees. So the file does it here first, one request after the
 * other, while the request can be neither freed nor reinitialized.
 */
#include <linux/sched.h>

#include "daedalus.h"

/*
 * Take the object out of its request, of which the caller has a reference. Return: false if
 * the request is about to be reinitialized, validated, or queued.
 */
static bool unbind(struct media_request *req, struct media_request_object *obj)
{
	bool update = !media_request_lock_for_update(req);

	/* One lock is for an idle request, the other for a complete one. */
	if (!update && media_request_lock_for_access(req))
		return false;
	if (READ_ONCE(obj->req) == req) {
		media_request_object_unbind(obj);
		media_request_object_put(obj);
	}
	if (update)
		media_request_unlock_for_update(req);
	else
		media_request_unlock_for_access(req);
	return true;
}

/* Return: false if no request is left. */
static bool unbind_first(struct v4l2_ctrl_handler *hdl)
{
	struct v4l2_ctrl_handler *bound;
	struct media_request_object *obj;
	struct media_request *req;

	/*
	 * Who takes an object out of its request needs this lock at the end, to take it off
	 * the list. So an object on the list exists, and so does its request, even if that
	 * has no reference any more.
	 */
	mutex_lock(hdl->lock);
	bound = list_first_entry_or_null(&hdl->requests, struct v4l2_ctrl_handler, requests);
	if (!bound) {
		mutex_unlock(hdl->lock);
		return false;
	}
	obj = &bound->req_obj;
	req = READ_ONCE(obj->req);
	if (req && !kref_get_unless_zero(&req->kref))
		req = NULL;
	media_request_object_get(obj);
	mutex_unlock(hdl->lock);

	/* Somebody else takes it out, and soon: nothing there waits for a program. */
	if (!req || !unbind(req, obj))
		schedule_timeout_uninterruptible(1);
	media_request_object_put(obj);
	if (req)
		media_request_put(req);
	return true;
}

/**
 * daedalus_ctrls_unbind() - take the controls of a file out of all requests
 * @hdl: of a file that closes, so no request gets more of its controls; may sleep
 */
void daedalus_ctrls_unbind(struct v4l2_ctrl_handler *hdl)
{
	while (unbind_first(hdl))
		;
}
