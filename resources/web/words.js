// What the page says, in the browser's language: English, French or German.

const WORDS = {
  en: {
    skip: "To the photos", search: "Search your photos", hint: "What is in the photo?", byPicture: "Search by a picture",
    library: "Library", understood: "What was understood", photos: "Photos", drop: "Drop a picture to find photos like it",
    before: "Previous photo", after: "Next photo", close: "Close", similar: "Photos like this", favourite: "Favourite",
    original: "The file itself", source: "Source", own: "Your photos", newest: "{n} photos, newest first",
    found: "{n} photos, best first", good: "{good} good answers among {n} photos", goodOne: "1 good answer among {n} photos", nothing: "Nothing found.",
    nothingRemedy: "Try other words, or fewer.", noPhotos: "There are no photos yet.",
    noPhotosRemedy: "Add a folder in Helios on the computer, or with: helios index FOLDER", rest: "Perhaps also",
    away: "The search service does not answer.", awayRemedy: "Is Helios still running on the computer? Wait a little and try again.",
    likePicture: "Like your picture", likePhoto: "Like one photo", remove: "Remove: {text}", not: "not {text}",
    "from": "from {text}", until: "before {text}", exact: "“{text}”", stars: "{text} stars or more", favourites: "favourites",
    offline: "The picture is on {host}, which does not answer.", taken: "Taken", size: "Size", folder: "Folder",
    camera: "Camera", lens: "Lens", rating: "Rating", title: "Title", caption: "Caption", keywords: "Keywords", place: "Place",
    score: "Score", file: "File", loading: "Searching …", indexing: "Reading photos: {done} of {total}", like: "photo {name}",
    notThere: "This photo cannot be shown now.", tooLarge: "This picture is too large: {n} MB at most.",
    pairTitle: "Let this device in?", pairText: "It will be able to search the photos of the computer that shows the code.",
    pairName: "Name of this device", pairButton: "Pair", pairMissing: "Scan the code that Helios shows on the computer, or open the address under it.",
    pairFault: "It did not work.",
  },
  fr: {
    skip: "Aller aux photos", search: "Chercher dans vos photos", hint: "Que voit-on sur la photo ?", byPicture: "Chercher par une image",
    library: "Bibliothèque", understood: "Ce qui a été compris", photos: "Photos", drop: "Déposez une image pour trouver des photos semblables",
    before: "Photo précédente", after: "Photo suivante", close: "Fermer", similar: "Photos semblables", favourite: "Favori",
    original: "Le fichier", source: "Source", own: "Vos photos", newest: "{n} photos, les plus récentes d’abord",
    found: "{n} photos, les meilleures d’abord", good: "{good} bonnes réponses parmi {n} photos", goodOne: "1 bonne réponse parmi {n} photos", nothing: "Rien trouvé.",
    nothingRemedy: "Essayez d’autres mots, ou moins de mots.", noPhotos: "Il n’y a pas encore de photos.",
    noPhotosRemedy: "Ajoutez un dossier dans Helios sur l’ordinateur, ou avec : helios index DOSSIER", rest: "Peut-être aussi",
    away: "Le service de recherche ne répond pas.", awayRemedy: "Helios tourne-t-il encore sur l’ordinateur ? Patientez un peu et réessayez.",
    likePicture: "Comme votre image", likePhoto: "Comme une photo", remove: "Retirer : {text}", not: "sans {text}",
    "from": "depuis {text}", until: "avant {text}", exact: "« {text} »", stars: "{text} étoiles ou plus", favourites: "favoris",
    offline: "L’image est sur {host}, qui ne répond pas.", taken: "Prise", size: "Taille", folder: "Dossier",
    camera: "Appareil", lens: "Objectif", rating: "Note", title: "Titre", caption: "Légende", keywords: "Mots-clés", place: "Lieu",
    score: "Score", file: "Fichier", loading: "Recherche …", indexing: "Lecture des photos : {done} sur {total}", like: "photo {name}",
    notThere: "Cette photo ne peut pas être montrée maintenant.", tooLarge: "Cette image est trop grande : {n} Mo au plus.",
    pairTitle: "Autoriser cet appareil ?", pairText: "Il pourra chercher dans les photos de l’ordinateur qui montre le code.",
    pairName: "Nom de cet appareil", pairButton: "Associer", pairMissing: "Scannez le code que Helios montre sur l’ordinateur, ou ouvrez l’adresse au-dessous.",
    pairFault: "Cela n’a pas marché.",
  },
  de: {
    skip: "Zu den Fotos", search: "In deinen Fotos suchen", hint: "Was ist auf dem Foto?", byPicture: "Mit einem Bild suchen",
    library: "Bibliothek", understood: "Was verstanden wurde", photos: "Fotos", drop: "Bild ablegen, um ähnliche Fotos zu finden",
    before: "Voriges Foto", after: "Nächstes Foto", close: "Schließen", similar: "Ähnliche Fotos", favourite: "Favorit",
    original: "Die Datei selbst", source: "Quelle", own: "Deine Fotos", newest: "{n} Fotos, die neuesten zuerst",
    found: "{n} Fotos, die besten zuerst", good: "{good} gute Treffer unter {n} Fotos", goodOne: "1 guter Treffer unter {n} Fotos", nothing: "Nichts gefunden.",
    nothingRemedy: "Versuche andere Wörter, oder weniger.", noPhotos: "Es gibt noch keine Fotos.",
    noPhotosRemedy: "Füge auf dem Computer in Helios einen Ordner hinzu, oder mit: helios index ORDNER", rest: "Vielleicht auch",
    away: "Die Suche antwortet nicht.", awayRemedy: "Läuft Helios auf dem Computer noch? Warte ein wenig und versuche es wieder.",
    likePicture: "Wie dein Bild", likePhoto: "Wie ein Foto", remove: "Entfernen: {text}", not: "nicht {text}",
    "from": "ab {text}", until: "vor {text}", exact: "„{text}“", stars: "{text} Sterne oder mehr", favourites: "Favoriten",
    offline: "Das Bild liegt auf {host}, das nicht antwortet.", taken: "Aufgenommen", size: "Größe", folder: "Ordner",
    camera: "Kamera", lens: "Objektiv", rating: "Bewertung", title: "Titel", caption: "Beschreibung", keywords: "Stichwörter", place: "Ort",
    score: "Wert", file: "Datei", loading: "Suche läuft …", indexing: "Fotos werden gelesen: {done} von {total}", like: "Foto {name}",
    notThere: "Dieses Foto kann gerade nicht gezeigt werden.", tooLarge: "Dieses Bild ist zu groß: höchstens {n} MB.",
    pairTitle: "Dieses Gerät hereinlassen?", pairText: "Es kann dann in den Fotos des Computers suchen, der den Code zeigt.",
    pairName: "Name dieses Geräts", pairButton: "Koppeln", pairMissing: "Scanne den Code, den Helios auf dem Computer zeigt, oder öffne die Adresse darunter.",
    pairFault: "Es hat nicht geklappt.",
  },
};

const tongue = (navigator.languages || [navigator.language]).map((one) => one.slice(0, 2)).find((one) => one in WORDS) || "en";
document.documentElement.lang = tongue;

/** The sentence for a key, with the values put in. */
export function say(key, values = {}) {
  const sentence = WORDS[tongue][key] ?? WORDS.en[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A number as people write it here. */
export const number = (value) => new Intl.NumberFormat(tongue).format(value);

/** A day or a moment as people write it here; what is no date stays as it is. */
export function moment(text) {
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime())) return text;
  const options = { dateStyle: "long", ...(text.includes("T") ? { timeStyle: "short" } : { timeZone: "UTC" }) };
  return new Intl.DateTimeFormat(tongue, options).format(parsed);
}

/** Give every element that carries a key its text. */
export function sayAll(root = document) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]")) {
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
    if (element.tagName === "BUTTON") element.title = say(element.dataset.sayLabel);
  }
}
