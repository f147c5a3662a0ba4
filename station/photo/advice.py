"""What each check says when something could be better: one thing to do, for whoever sits before the camera."""

from __future__ import annotations

from station.domain.errors import N_

NO_FACE = N_("No face is seen: sit in front of the camera and look at it")
TWO_FACES = N_("More than one person is seen: the others step out of the picture")
STEP_BACK = N_("Move back a little: there must be room around the head")
TO_THE_MIDDLE = N_("Move to the middle of the picture")
CAMERA_UP = N_("Raise the camera a little, or sit lower: the head touches the upper edge")
CAMERA_DOWN = N_("Lower the camera a little, or sit higher: there must be room below the chin")
CLOSER = N_("Come closer: printed, the face would have too few pixels")
TURN_LEFT = N_("Turn your head a little to your left")
TURN_RIGHT = N_("Turn your head a little to your right")
UPRIGHT = N_("Hold your head upright")
CHIN_UP = N_("Raise your chin a little")
CHIN_DOWN = N_("Lower your chin a little")
EYES = N_("Open your eyes and look into the camera")
BLURRED = N_("The picture is not sharp: hold still, and wipe the lens")
GLARE = N_("The glasses reflect light: lower your head a little, or turn the lamp away")
TOO_BRIGHT = N_("The face is too bright: turn the lamp away, or dim it")
TOO_DARK = N_("The face is too dark: turn a lamp to it; is a window behind you?")
SIDE_LIGHT = N_("The light comes from one side: turn towards the window or the lamp")
MOUTH = N_("Close your mouth; a smile is fine")
BUSY = N_("The background is not plain: sit before a plain wall, or have it made plain")
