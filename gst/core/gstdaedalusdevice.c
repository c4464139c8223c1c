/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds the decoder through the media topology, which has the driver's name and
 * the device number of the video node. It needs no udev, so it works in
 * containers as well.
 */
#include "gstdaedalusdevice.h"
#include "gstdaedaluserror.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/media.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEV_DIR "/dev"

/* How often to read the topology again if it changes meanwhile. */
#define TOPOLOGY_TRIES 8

static gint
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  (void) user_data;
  return strcmp (*(gchar * const *) a, *(gchar * const *) b);
}

/* Paths of the nodes whose name starts with @prefix, sorted. */
static GPtrArray *
list_nodes (const gchar *prefix)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (DEV_DIR, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    if (g_str_has_prefix (name, prefix))
      g_ptr_array_add (paths, g_build_filename (DEV_DIR, name, NULL));
  }
  if (dir)
    g_dir_close (dir);
  g_ptr_array_sort_with_data (paths, compare_names, NULL);
  return paths;
}

static dev_t
device_number (const gchar *path)
{
  struct stat st;

  if (stat (path, &st) < 0 || !S_ISCHR (st.st_mode))
    return 0;
  return st.st_rdev;
}

/* Device number of the video interface of a media device that is @wanted, or of
 * its first one if that is 0; 0 if there is none or if it does not answer. */
static dev_t
find_video_number (gint fd, dev_t wanted)
{
  struct media_v2_topology topology;
  gboolean grown = TRUE;
  dev_t found = 0;
  guint try, i;

  for (try = 0; grown && try < TOPOLOGY_TRIES; try++) {
    struct media_v2_interface *interfaces;
    guint32 n;
    gint ret;

    memset (&topology, 0, sizeof (topology));
    if (ioctl (fd, MEDIA_IOC_G_TOPOLOGY, &topology) < 0
        || topology.num_interfaces == 0)
      return 0;

    n = topology.num_interfaces;
    interfaces = g_new0 (struct media_v2_interface, n);
    memset (&topology, 0, sizeof (topology));
    topology.num_interfaces = n;
    topology.ptr_interfaces = (guintptr) interfaces;
    ret = ioctl (fd, MEDIA_IOC_G_TOPOLOGY, &topology);
    grown = ret < 0 && errno == ENOSPC; /* since the first ioctl */
    for (i = 0; ret == 0 && i < MIN (n, topology.num_interfaces); i++) {
      dev_t number = makedev (interfaces[i].devnode.major,
          interfaces[i].devnode.minor);

      if (!found && interfaces[i].intf_type == MEDIA_INTF_T_V4L_VIDEO
          && (!wanted || number == wanted))
        found = number;
    }
    g_free (interfaces);
  }
  return found;
}

/* Device number of the video node of @media_path that is @video_number, or of
 * its first one if that is 0; 0 if there is none, or if @driver, which may be
 * NULL, is not its driver. */
static dev_t
media_has_video (const gchar *media_path, const gchar *driver,
    dev_t video_number)
{
  struct media_device_info info = {.driver = "" };
  dev_t found = 0;
  gint fd;

  fd = open (media_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return 0;
  if (ioctl (fd, MEDIA_IOC_DEVICE_INFO, &info) == 0 && (!driver
          || strncmp (info.driver, driver, sizeof (info.driver)) == 0))
    found = find_video_number (fd, video_number);
  close (fd);
  return found;
}

/* Path of the video node with device number @number, NULL if there is none. */
static gchar *
video_path_for_number (dev_t number)
{
  GPtrArray *videos = list_nodes ("video");
  gchar *found = NULL;
  guint i;

  for (i = 0; i < videos->len && !found; i++) {
    const gchar *path = g_ptr_array_index (videos, i);

    if (device_number (path) == number)
      found = g_strdup (path);
  }
  g_ptr_array_unref (videos);
  return found;
}

/* The first media device that media_has_video() is true of, with @video_path or,
 * if that is NULL, with the path of the video node that was found. */
static GstDaedalusDevice *
find_device (const gchar *driver, dev_t video_number, const gchar *video_path)
{
  GPtrArray *medias = list_nodes ("media");
  GstDaedalusDevice *device = NULL;
  guint i;

  for (i = 0; i < medias->len && !device; i++) {
    const gchar *path = g_ptr_array_index (medias, i);
    dev_t number = media_has_video (path, driver, video_number);
    gchar *video;

    if (!number)
      continue;
    video = video_path ? g_strdup (video_path) : video_path_for_number (number);
    if (!video)
      continue;
    device = g_new0 (GstDaedalusDevice, 1);
    device->media_path = g_strdup (path);
    device->video_path = video;
  }
  g_ptr_array_unref (medias);
  return device;
}

/**
 * gst_daedalus_device_find:
 * @error: set on failure
 *
 * Looks for the media device of daedalus_v4l2 and its video node.
 *
 * Returns: (transfer full) (nullable): the device, %NULL with
 *   %GST_DAEDALUS_ERROR_NO_DEVICE if there is none
 */
GstDaedalusDevice *
gst_daedalus_device_find (GError **error)
{
  GstDaedalusDevice *device = find_device (GST_DAEDALUS_DRIVER, 0, NULL);

  if (!device)
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_NO_DEVICE,
        "no Daedalus device: load daedalus_v4l2 and start daedalusd");
  return device;
}

/**
 * gst_daedalus_device_for_path:
 * @video_path: video node that the user chose, of any driver
 * @error: set on failure
 *
 * Returns: (transfer full) (nullable): the device, %NULL with
 *   %GST_DAEDALUS_ERROR_NO_DEVICE if @video_path is no video node that belongs
 *   to a media device
 */
GstDaedalusDevice *
gst_daedalus_device_for_path (const gchar *video_path, GError **error)
{
  dev_t number = device_number (video_path);
  GstDaedalusDevice *device;

  if (!number) {
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_NO_DEVICE,
        "no video node %s: set the property device to that of a stateless "
        "decoder, or to nothing for daedalus_v4l2", video_path);
    return NULL;
  }

  device = find_device (NULL, number, video_path);
  if (!device)
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_NO_DEVICE,
        "no media device has %s: it is not a stateless decoder, or this user "
        "may not open /dev/media*", video_path);
  return device;
}

/**
 * gst_daedalus_device_decodes:
 * @device: a device
 * @coded_format: V4L2_PIX_FMT_* of the OUTPUT queue
 *
 * Returns: %TRUE if the device can be opened and offers @coded_format
 */
gboolean
gst_daedalus_device_decodes (const GstDaedalusDevice *device,
    guint32 coded_format)
{
  gint fd = open (device->video_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  struct v4l2_fmtdesc desc = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE };
  gboolean found = FALSE;

  if (fd < 0)
    return FALSE;
  while (!found && ioctl (fd, VIDIOC_ENUM_FMT, &desc) == 0) {
    found = desc.pixelformat == coded_format;
    desc.index++;
  }
  close (fd);
  return found;
}

/**
 * gst_daedalus_device_free:
 * @device: (nullable): to free
 */
void
gst_daedalus_device_free (GstDaedalusDevice *device)
{
  if (!device)
    return;
  g_free (device->media_path);
  g_free (device->video_path);
  g_free (device);
}
