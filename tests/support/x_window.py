"""Closing a window on an X screen as its user does, without a window manager that would: the message that one sends."""

from __future__ import annotations

import ctypes
import subprocess

SEARCH_SECONDS = 10.0
CLIENT_MESSAGE = 33  # X.h
LONGS = 24  # in an XEvent (Xlib.h)


class ClientMessageEvent(ctypes.Structure):
    """XClientMessageEvent (Xlib.h), with data of 32 bits."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
    )


class XEvent(ctypes.Union):
    """As long as the longest of them."""

    _fields_ = (("client_message", ClientMessageEvent), ("all", ctypes.c_long * LONGS))


def close_window(display: str, title: str) -> None:
    """Ask the one window of this title to close (WM_DELETE_WINDOW, ICCCM 4.2.8.1)."""
    command = ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"]
    found = subprocess.check_output(command, env={"DISPLAY": display}, text=True, timeout=SEARCH_SECONDS)
    (window,) = [int(number) for number in found.split()]
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    address = x11.XOpenDisplay(display.encode())
    assert address, f"no screen {display}"
    connection = ctypes.c_void_p(address)
    event = XEvent()
    message = event.client_message
    message.type, message.window, message.format = CLIENT_MESSAGE, window, 32
    message.message_type = x11.XInternAtom(connection, b"WM_PROTOCOLS", False)
    message.data[0] = x11.XInternAtom(connection, b"WM_DELETE_WINDOW", False)
    assert x11.XSendEvent(connection, ctypes.c_ulong(window), False, ctypes.c_long(0), ctypes.byref(event))
    x11.XCloseDisplay(connection)  # flushes the output buffer
