"""Video files, played in a loop at their own pace, through libav's demuxers and decoders."""
