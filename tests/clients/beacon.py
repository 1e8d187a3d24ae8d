# SPDX-License-Identifier: Apache-2.0
"""What clients film and hear when they are recorded: a flash and a beep together once a second, as numbers.
tests/lib/recorded.mjs finds them again."""
import numpy

RATE, SAMPLES = 48000, 960  # of sound, and of a packet of it
FPS = 30
LENGTH_S, TONE_HZ = 0.15, 1000
DARK, LIGHT = 40, 235


def picture(width, height, count, t):
    """I420, at @p t seconds; its bar moves with each picture."""
    is_lit = t >= 1 and t % 1 < LENGTH_S
    y = numpy.full((height, width), LIGHT if is_lit else DARK, "uint8")
    at = count * 8 % width
    y[height // 2:height // 2 + 16, at:at + 16] = 128
    return numpy.concatenate([y.reshape(-1), numpy.full(width * height // 2, 128, "uint8")]).reshape(-1, width)


def sound(position, samples=SAMPLES, rate=RATE):
    """16 bits, mono, from sample @p position."""
    t = numpy.arange(position, position + samples) / rate
    loud = (t >= 1) & (t % 1 < LENGTH_S)
    return (numpy.sin(2 * numpy.pi * TONE_HZ * t) * 16000 * loud).astype("int16")
