"""A program that imports all libraries before its first line; frozen without options of PyInstaller."""

import aiortc
import av
import cv2
import jsonrpcserver
import numpy
import pydantic

print("ready", [module.__name__ for module in (aiortc, av, cv2, jsonrpcserver, numpy, pydantic)], flush=True)
