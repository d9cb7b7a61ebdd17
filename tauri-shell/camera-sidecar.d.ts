// The page finds the player's modules under camera-sidecar/, where they are put when the page is served or built.

declare module "*/camera-sidecar/index.js" {
  export * from "camera-sidecar";
}

declare module "*/camera-sidecar/series.js" {
  export * from "camera-sidecar/src/series.js";
}
