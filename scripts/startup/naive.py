"""What a program that imports everything before its first line pays; frozen without any option of PyInstaller's."""

import aiortc
import av
import cv2
import jsonrpcserver
import numpy
import pydantic

print("ready", [module.__name__ for module in (aiortc, av, cv2, jsonrpcserver, numpy, pydantic)], flush=True)
