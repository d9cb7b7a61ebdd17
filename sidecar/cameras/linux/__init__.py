"""What only Linux has: V4L2 by ioctl, sysfs, /proc and inotify."""
