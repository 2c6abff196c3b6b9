"""Titles of callouts without one of their own, in the language of the post."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

import functools

WORDS = "note tip important warning caution info danger details summary example question quote"
TITLES = {
    "ar": "ملاحظة|نصيحة|مهم|تحذير|تنبيه|معلومات|خطر|تفاصيل|ملخص|مثال|سؤال|اقتباس",
    "bn": "দ্রষ্টব্য|পরামর্শ|গুরুত্বপূর্ণ|সতর্কবার্তা|সাবধান|তথ্য|বিপদ|বিস্তারিত|সারাংশ|উদাহরণ|প্রশ্ন|উদ্ধৃতি",
    "cs": "Poznámka|Tip|Důležité|Varování|Upozornění|Informace|Nebezpečí|Podrobnosti"
    "|Shrnutí|Příklad|Otázka|Citát",
    "da": "Bemærk|Tip|Vigtigt|Advarsel|Forsigtig|Info|Fare|Detaljer|Resumé|Eksempel"
    "|Spørgsmål|Citat",
    "de": "Hinweis|Tipp|Wichtig|Warnung|Vorsicht|Info|Gefahr|Details|Zusammenfassung"
    "|Beispiel|Frage|Zitat",
    "el": "Σημείωση|Συμβουλή|Σημαντικό|Προειδοποίηση|Προσοχή|Πληροφορία|Κίνδυνος"
    "|Λεπτομέρειες|Περίληψη|Παράδειγμα|Ερώτηση|Παράθεση",
    "es": "Nota|Consejo|Importante|Advertencia|Precaución|Información|Peligro|Detalles"
    "|Resumen|Ejemplo|Pregunta|Cita",
    "fa": "یادداشت|نکته|مهم|هشدار|احتیاط|اطلاعات|خطر|جزئیات|خلاصه|مثال|پرسش|نقل قول",
    "fi": "Huomautus|Vinkki|Tärkeää|Varoitus|Huomio|Tietoa|Vaara|Lisätiedot|Yhteenveto"
    "|Esimerkki|Kysymys|Lainaus",
    "fr": "Note|Astuce|Important|Avertissement|Attention|Info|Danger|Détails|Résumé"
    "|Exemple|Question|Citation",
    "he": "הערה|טיפ|חשוב|אזהרה|זהירות|מידע|סכנה|פרטים|תקציר|דוגמה|שאלה|ציטוט",
    "hi": "नोट|सुझाव|महत्वपूर्ण|चेतावनी|सावधानी|जानकारी|खतरा|विवरण|सारांश|उदाहरण|प्रश्न|उद्धरण",
    "hu": "Megjegyzés|Tipp|Fontos|Figyelmeztetés|Vigyázat|Információ|Veszély|Részletek"
    "|Összefoglaló|Példa|Kérdés|Idézet",
    "id": "Catatan|Tips|Penting|Peringatan|Perhatian|Info|Bahaya|Detail|Ringkasan"
    "|Contoh|Pertanyaan|Kutipan",
    "it": "Nota|Suggerimento|Importante|Avviso|Attenzione|Informazioni|Pericolo"
    "|Dettagli|Riepilogo|Esempio|Domanda|Citazione",
    "ja": "メモ|ヒント|重要|警告|注意|情報|危険|詳細|要約|例|質問|引用",
    "ko": "참고|팁|중요|경고|주의|정보|위험|자세히|요약|예시|질문|인용",
    "nb": "Merk|Tips|Viktig|Advarsel|Forsiktig|Info|Fare|Detaljer|Sammendrag|Eksempel"
    "|Spørsmål|Sitat",
    "nl": "Opmerking|Tip|Belangrijk|Waarschuwing|Let op|Info|Gevaar|Details"
    "|Samenvatting|Voorbeeld|Vraag|Citaat",
    "pl": "Uwaga|Wskazówka|Ważne|Ostrzeżenie|Ostrożnie|Informacja|Niebezpieczeństwo"
    "|Szczegóły|Podsumowanie|Przykład|Pytanie|Cytat",
    "pt": "Nota|Dica|Importante|Aviso|Cuidado|Informação|Perigo|Detalhes|Resumo|Exemplo"
    "|Pergunta|Citação",
    "ro": "Notă|Sfat|Important|Avertisment|Atenție|Informații|Pericol|Detalii|Rezumat"
    "|Exemplu|Întrebare|Citat",
    "ru": "Примечание|Совет|Важно|Предупреждение|Осторожно|Информация|Опасно"
    "|Подробности|Кратко|Пример|Вопрос|Цитата",
    "sv": "Obs|Tips|Viktigt|Varning|Försiktigt|Info|Fara|Detaljer|Sammanfattning"
    "|Exempel|Fråga|Citat",
    "th": "หมายเหตุ|เคล็ดลับ|สำคัญ|คำเตือน|ข้อควรระวัง|ข้อมูล|อันตราย|รายละเอียด|สรุป|ตัวอย่าง|คำถาม|คำพูดอ้างอิง",
    "tr": "Not|İpucu|Önemli|Uyarı|Dikkat|Bilgi|Tehlike|Ayrıntılar|Özet|Örnek|Soru|Alıntı",
    "uk": "Примітка|Порада|Важливо|Попередження|Обережно|Інформація|Небезпека|Подробиці"
    "|Підсумок|Приклад|Питання|Цитата",
    "vi": "Ghi chú|Mẹo|Quan trọng|Cảnh báo|Thận trọng|Thông tin|Nguy hiểm|Chi tiết"
    "|Tóm tắt|Ví dụ|Câu hỏi|Trích dẫn",
    "zh": "备注|提示|重要|警告|小心|信息|危险|详情|摘要|示例|问题|引用",
    "zh-hant": "備註|提示|重要|警告|小心|資訊|危險|詳情|摘要|範例|問題|引用",
}
SAME_LANGUAGE = {"nn": "nb", "no": "nb", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-tw": "zh-hant"}
SAME_WORD = {
    "abstract": "summary",
    "attention": "caution",
    "cite": "quote",
    "faq": "question",
    "help": "question",
    "hint": "tip",
    "spoiler": "details",
    "tldr": "summary",
}
ENGLISH = {"faq": "FAQ", "seealso": "See also", "tldr": "TL;DR"}


def find_language(tag: str) -> str:
    """Return the key of a language tag, such as `pt` for `pt-BR`; '' stands for English."""
    tag = tag.strip().lower().replace("_", "-")
    base = "zh-hant" if tag.startswith("zh-hant") else tag.partition("-")[0]
    names = (SAME_LANGUAGE.get(tag, tag), SAME_LANGUAGE.get(base, base))
    return next((name for name in names if name in TITLES), "")


@functools.cache
def _titles(language: str) -> dict[str, str]:
    return dict(zip(WORDS.split(), TITLES[language].split("|"), strict=True)) if language else {}


def title_of(name: str, language: str) -> str:
    """Return the title of a callout by the name that its author has given it."""
    known = _titles(find_language(language))
    english = ENGLISH.get(name) or name.replace("-", " ").replace("_", " ").strip()
    return known.get(SAME_WORD.get(name, name)) or english[:1].upper() + english[1:]
