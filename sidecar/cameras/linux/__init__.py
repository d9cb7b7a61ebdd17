"""Linux: V4L2 by ioctl, sysfs, /proc and inotify."""
