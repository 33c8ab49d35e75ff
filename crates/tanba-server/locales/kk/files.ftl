desk-files = Файлдар
purpose-exchange = басқа органмен немесе зертханамен алмасу
purpose-examination = зерттелетін істің материалы
purpose-quality = құрылғыны немесе жеткізушіні тексеру
files-title = Файлдар
files-lead = Әкелінген немесе жіберілген файлды ашыңыз: ішіндегісі ағаш пен кескіндер түрінде көрсетіледі, оны басқа форматқа ауыстыруға болады. Одан тіркелімге ештеңе түспейді.
files-open = Файлды ашу
files-purpose = Мақсаты
files-choose = Таңдаңыз
files-reference = Негіздеме
files-reference-hint = Файл қатысты хаттың, сұраудың немесе істің нөмірі.
files-file = Файл
files-file-hint = Төмендегі форматтардың кез келгені, { $n } МиБ дейін. Ол ширек сағат және тек сіз үшін сақталады.
files-open-button = Ашу
files-open-recorded = Мақсаты, негіздемесі және файлдың хеші журналға жазылады.
files-formats = Не оқылады
files-formats-images = Кескіндер
files-formats-fingers = Саусақ ізі жазбалары
files-formats-exchange = Алмасу
files-formats-genetic = Генетикалық деректер
files-file-title = Файлда не бар
files-recorded = Бұл қарау жазылды. Мақсаты: { $purpose }. Негіздемесі: { $reference }. Журналдағы { $entry }-жазба.
files-format = Формат
files-records = Жазбалар
files-size = Көлемі
files-bytes =
    { $n ->
        [one] { $n } байт
       *[other] { $n } байт
    }
files-notes =
    { $n ->
        [one] { $n } ескерту
       *[other] { $n } ескерту
    }
files-pictures =
    { $n ->
        [one] { $n } кескін
       *[other] { $n } кескін
    }
files-picture = { $n }-кескін, толық ашылады
files-measures = { $width } × { $height } пиксель, { $ppi } ppi
files-no-finger = Файл қай саусақ екенін айтпайды
files-unseen = Көрсетілмейді
files-minutiae =
    { $n ->
        [one] { $n } минуция жинағы
       *[other] { $n } минуция жинағы
    }
files-minutiae-hint = Сақиналар — сызықтың ұшы немесе түрі көрсетілмеген минуция, шаршылар — тармақталу; сызықша бағытын көрсетеді.
files-drawing =
    { $n ->
        [one] { $n } минуция
       *[other] { $n } минуция
    }
files-view = { $n }-көрініс
files-more =
    { $n ->
        [one] Тағы { $n } көрсетілмейді.
       *[other] Тағы { $n } көрсетілмейді.
    }
files-tree = Мазмұны, формат стандартының сөздерімен
files-convert = Басқа форматқа ауыстыру
files-to = Формат
files-which-picture = Қай кескін
files-which-finger = Бұл қай саусақ
files-finger-unsaid = айтылмаған
files-rate = WSQ: пиксельге бит
files-rate-0-75 = 0,75 — алмасу үшін
files-rate-2-25 = 2,25 — зертханалар үшін
files-convert-button = Ауыстыру
files-convert-recorded = Ауыстыру журналға жазылады.
files-converted = { $text } форматына ауыстырылды
files-download = Жүктеп алу
files-kept = Файл ширек сағат ашық тұрады, тек осы сеанс үшін.
files-another = Басқа файлды ашу
problem-file = Файл оқылмады. Оқу бағдарламасының айтқаны: { $detail }.
problem-conversion = Файл ауыстырылмады. Ауыстыру бағдарламасының айтқаны: { $detail }.
problem-no-file = Файл таңдалмады немесе бос. Таңдап, форманы қайта жіберіңіз.
problem-file-gone = Файл бұл сеанста енді сақталмайды. Әлі керек болса, қайта ашыңыз.
invalid-reference = Негіздемені 1–200 таңбамен, жол үзілімінсіз беріңіз.
invalid-to = Мұндай атпен формат жоқ. Бет ұсынғандардың бірін таңдаңыз.
not-found-file = Мұндай файл жоқ немесе оны басқа есептік жазба ашқан.
not-found-picture = Файлда мұндай кескін жоқ.
