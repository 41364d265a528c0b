// Makes big photos smaller before they travel: it saves mobile data, and the model sees far fewer pixels anyway.

const LONGEST_SIDE = 2000;
const QUALITY = 0.9;

/** The photo itself, or a smaller JPEG of it. What the browser cannot draw (HEIC) goes as it is. */
export async function fitForSending(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = LONGEST_SIDE / Math.max(picture.width, picture.height);
  if (scale >= 1) {
    picture.close();
    return file;
  }
  const smaller = await draw(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
  picture.close();
  return smaller ?? file;
}

/** A picture (bitmap or video) as a JPEG; see-through parts become white. */
export function draw(picture, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}
