// The camera: on, take a photo, the next camera, off. It is off whenever its tab is not shown.

import { draw } from "./photo.js";
import { say } from "./texts.js";

const PROBLEMS = {
  NotAllowedError: "camera-refused",
  SecurityError: "camera-refused",
  NotFoundError: "camera-absent",
  OverconstrainedError: "camera-absent",
  NotReadableError: "camera-in-use",
  AbortError: "camera-in-use",
};

export function setUpCamera({ stage, onPhoto, announce }) {
  const part = (id) => stage.querySelector(`#${id}`);
  const view = part("view");
  const problem = part("camera-problem");
  let stream = null;
  let devices = [];
  let starts = 0; // a start that was overtaken by a stop, or by another start, must not turn the camera on

  async function start(wish = { facingMode: { ideal: "environment" } }) {
    stop();
    const mine = starts;
    problem.hidden = true;
    if (!navigator.mediaDevices?.getUserMedia) {
      return complain(window.isSecureContext ? "camera-absent" : "camera-insecure");
    }
    try {
      const video = { ...wish, width: { ideal: 1920 }, height: { ideal: 1080 } };
      const opened = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      if (mine !== starts) return close(opened);
      stream = opened;
      view.srcObject = stream;
      await view.play();
      devices = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "videoinput");
    } catch (error) {
      if (mine !== starts) return;
      stop();
      return complain(PROBLEMS[error.name] ?? "camera-failed");
    }
    if (mine !== starts) return;
    const hadFocus = document.activeElement === part("camera-start");
    part("camera-switch").hidden = devices.length < 2;
    stage.dataset.state = "on";
    if (hadFocus) part("camera-take").focus();
    announce("camera-on");
  }

  function stop() {
    starts += 1;
    if (stream) close(stream);
    stream = null;
    view.srcObject = null;
    const hadFocus = stage.contains(document.activeElement);
    stage.dataset.state = "off";
    if (hadFocus) part("camera-start").focus();
  }

  function complain(key) {
    problem.replaceChildren(say(key));
    problem.hidden = false;
  }

  function next() {
    const now = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const at = devices.findIndex((each) => each.deviceId === now);
    return start({ deviceId: { exact: devices[(at + 1) % devices.length].deviceId } });
  }

  async function take() {
    if (!view.videoWidth) return;
    const photo = await draw(view, view.videoWidth, view.videoHeight);
    if (photo) onPhoto(photo);
  }

  part("camera-start").addEventListener("click", () => start());
  part("camera-take").addEventListener("click", take);
  part("camera-switch").addEventListener("click", next);
  part("camera-stop").addEventListener("click", stop);
  window.addEventListener("pagehide", stop);
  return { stop };
}

function close(stream) {
  for (const track of stream.getTracks()) track.stop();
}
