"""Names as people in a European register have them, by the language that they are written in: real ones, and hard ones.

Each is a given name and a family name. They are common names put together at random, and belong to nobody we know.
"""

from __future__ import annotations

NAMES: dict[str, tuple[str, ...]] = {
    "Latvian": (
        "Līga Ozola",
        "Ģirts Ķēniņš",
        "Ņina Ļaudobele",
        "Kristiāns Šķēle",
        "Mārtiņš Ģērmanis",
        "Žanete Bērziņa-Šķērstiņa",
        "Jānis Krūmiņš",
        "Čīkste Ūdre",
        "Margrieta Ķirse",
        "Oļģerts Dārziņš",
        "Zaiga Meņģele",
        "Elizabete Cēsniece-Ķibilde",
    ),
    "Latgalian and old Latvian": ("Ontōns Ŗāviņš", "Jōņs Škutāns", "Kārlis Ŗudzītis"),
    "Lithuanian": ("Eglė Žemaitytė", "Ąžuolas Šakalauskas", "Gintarė Čiurlionytė-Ūsienė", "Vytautas Įdzelis"),
    "Estonian": ("Õie Mägi", "Jürgen Tõnisson", "Külli Põldmäe", "Žoržetta Šults"),
    "Polish": ("Łucja Źdźbłowska", "Stanisław Brzęczyszczykiewicz", "Świętosława Żółć", "Zdzisław Ćwikła"),
    "Czech and Slovak": ("Jiří Dvořák", "Ľudmila Kŕdeľová", "Kateřina Šťastná", "Ondřej Ďurčo", "Božena Ňuňová"),
    "Hungarian": ("Győző Szűcs", "Ödön Hosszúhegyi", "Erzsébet Kőműves", "Ágnes Nagyszentmiklósi"),
    "Romanian": ("Ștefania Țîrlea", "Ion Brâncuși", "Crăița Hașdeu", "Ţuţea Şerban"),
    "Turkish": ("İbrahim Şükrü Güneydoğuoğulları", "Işıl Yıldız", "Çağla Öğüt", "Ilgın Kılıç", "Ömer İnönü"),
    "Azerbaijani": ("Əli Məmmədov", "Xəyalə Əliyeva", "Günəş Qıyaslı"),
    "Vietnamese": (
        "Nguyễn Thị Ánh",
        "Trần Quốc Tuấn",
        "Đặng Thị Ngọc Hân",
        "Phạm Hữu Lộc",
        "Vũ Thị Thuỷ Tiên",
        "Lê Đức Thịnh",
        "Hoàng Nữ Ẩn",
        "Bùi Xuân Ưởng",
        "Đỗ Thuỵ Uyển Ẫm",
        "Tỷ Vỹ Tử Từ",
    ),
    "Greek": (
        "Ελευθέριος Παπαδημητρακόπουλος",
        "Γεωργία Χατζηϊωάννου",
        "Μάιος Ταΰγετος",
        "Ἀριστοτέλης Ὀνάσης",
        "Ιωάννα Ψαρράκη",
    ),
    "Ukrainian": ("Олена Ґрищук", "Їжакевич Єва", "Мар’яна Щербань", "Георгій Ґалаґан"),
    "Russian": ("Юлия Щёголева", "Фёдор Объедков", "Эльвира Цыганкова", "Константин Преображенский"),
    "Serbian, Macedonian, Bulgarian": ("Љубица Њежић", "Ђорђе Џаковић", "Ѓорѓи Ќосев", "Сѐлина Ѝванова", "Пейо Йовков"),
    "Kazakh and other Cyrillic": ("Әйгерім Қасқырбаева", "Ұлжан Өтеғұлов", "Ғабит Һажымұрат"),
    "Icelandic and Faroese": ("Þórgunnur Æðarsdóttir", "Guðmundur Þór", "Bárður á Steig Ø"),
    "Nordic": ("Åse Bjørnstad", "Øystein Hjälmroth", "Sámi Čálliidlágádus Ŧŋ"),
    "Portuguese, Spanish, Catalan": ("João Conceição", "Íñigo Núñez Güell", "Maria Gràcia Gal·la"),
    "French and Breton": ("Loïc Le Goff-Guéguen", "Anaïs Lœuillet", "Étienne d’Ûry", "Gaëlle Çürük"),
    "German and Dutch": ("Jörg Weiß", "Käthe Müller-Großmann", "IJsbrand van ’t Hoff", "Zoë Ĳzermans"),
    "Maltese, Irish, Welsh": ("Ġorġ Ħamalli", "Żeppi Ċassar", "Sinéad Ní Dhómhnaill", "Ŵyn Ŷnyr"),
    "Esperanto and Croatian": ("Ĥelena Ŝtormo", "Ĉarmaĵo Ŭaŭa", "Đurđica Ćurčić", "Ǆemal ǅakula"),
    "Yoruba, Igbo, Hausa": ("Ọlọ́runfẹ́mi Adéọlá", "Ńgọ́zị́ Ụ̀zọ̀", "Ɓala Ƙwaɗo"),
    "Georgian": ("ნინო ქავთარაძე", "გიორგი ჭყონია"),
    "Armenian": ("Արեւիկ Հարությունյան", "Գևորգ Ղազարյան"),
}
LONGEST: tuple[str, ...] = (
    "Wolfgang Amadeus Maximilian Theodor Wolfeschlegelsteinhausenbergerdorff",
    "Maria da Conceição Aparecida dos Santos Albuquerque de Vasconcelos",
    "Elizabete Katrīna Marija Annija Zariņa-Kalniņa-Ozoliņa-Bērziņa",
    "Ελευθέριος-Κωνσταντίνος Παπαδημητρακόπουλος-Χατζηγεωργίου",
    "Venkata Naga Satya Sri Rama Chandra Murthy Peddireddy",
)
SHORTEST: tuple[str, ...] = ("Li Wu", "A Ő", "Yi O")
EVERY_NAME: tuple[str, ...] = (*(name for names in NAMES.values() for name in names), *LONGEST, *SHORTEST)
